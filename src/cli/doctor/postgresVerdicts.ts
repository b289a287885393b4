/** What is said of a Postgres database. */
import { bytes, failed, ok, type Verdict, warning } from "./Check.ts"

const check = "store"

/** The oldest that the tables and their queries are tried with. */
const oldestMajor = 15

/** `server_version_num`: 150004. */
export const versionVerdict = (versionNumber: number): Verdict => {
  const major = Math.floor(versionNumber / 10_000)
  const version = `${major}.${versionNumber % 10_000}`
  return major < oldestMajor
    ? failed(check, `The database is Postgres ${version}; Switchboard needs ${oldestMajor} or newer: update it.`)
    : ok(check, `The database is Postgres ${version}.`)
}

export interface Durability {
  readonly fsync: string
  readonly synchronousCommit: string
  readonly fullPageWrites: string
}

/** Promise P1: what was accepted is on the disk. */
export const durabilityVerdict = ({ fsync, fullPageWrites, synchronousCommit }: Durability): Verdict => {
  const off = Object.entries({ fsync, synchronous_commit: synchronousCommit, full_page_writes: fullPageWrites })
    .filter(([, value]) => value === "off").map(([name]) => name)
  return off.length === 0
    ? ok(check, "A commit is on the database's disk before it is answered.")
    : failed(check, `The database has ${off.join(" and ")} off, so it may lose what it accepted; turn it on.`)
}

export const writableVerdict = (isReadOnly: boolean): Verdict | undefined =>
  isReadOnly
    ? failed(check, "The database takes no writes: it is a standby, or read-only; give --database-url the primary.")
    : undefined

/** Of one server: the store's pool and the lines of the bus. */
export const connectionsOfServer = 10

export interface Connections {
  readonly max: number
  readonly reserved: number
  /** By everybody, without this look. */
  readonly used: number
  /** By servers of Switchboard that run. */
  readonly ours: number
}

export const connectionsVerdict = ({ max, ours, reserved, used }: Connections): Verdict => {
  const free = max - reserved - used
  const has = `${used} of ${max} connections of the database are in use, ${ours} by Switchboard`
  return free >= connectionsOfServer
    ? ok(check, `${has}.`)
    : warning(check, `${has}; another server needs ${connectionsOfServer}: raise max_connections, or stop others.`)
}

export interface Rights {
  readonly role: string
  /** The newest migration that is there; 0 where there is nothing. */
  readonly migration: number
  /** The newest that this version knows. */
  readonly newest: number
  readonly mayCreate: boolean
  /** Tables that may not be read or written. */
  readonly closed: ReadonlyArray<string>
}

export const rightsVerdict = ({ closed, mayCreate, migration, newest, role }: Rights): Verdict => {
  if (migration > newest) return failed(check, "The database was written by a newer Switchboard; update this one.")
  if (closed.length > 0) {
    const tables = closed.length > 3 ? `${closed.slice(0, 3).join(", ")} and others` : closed.join(", ")
    return failed(
      check,
      `The role ${role} may not read and write ${tables}; GRANT it SELECT, INSERT, UPDATE and DELETE.`
    )
  }
  if (migration === newest) {
    return ok(check, `The role ${role} may read and write all tables, of migration ${migration}.`)
  }
  const what = migration === 0 ? "There are no tables yet" : `The tables are of migration ${migration} of ${newest}`
  return mayCreate
    ? ok(check, `${what}; the next server brings them up to date.`)
    : failed(check, `${what}, and the role ${role} may not make any; GRANT it CREATE on the schema.`)
}

export interface Table {
  readonly name: string
  readonly live: number
  readonly dead: number
}

/** Rows that only slow down; under this many nobody notices. */
const manyDead = 100_000

/** Autovacuum begins at a fifth; at twice that it does not keep up. */
const deadShare = 0.4

export const vacuumVerdicts = (tables: ReadonlyArray<Table>, isAutomatic: boolean): ReadonlyArray<Verdict> => {
  const due = tables.filter(({ dead, live }) => dead > manyDead && dead > deadShare * live)
  const found = due.map(({ dead, live, name }) =>
    warning("vacuum", `${name} has ${dead} dead rows beside ${live}; run VACUUM (ANALYZE) ${name}.`)
  )
  if (!isAutomatic) {
    found.push(warning("vacuum", "The database has autovacuum off, so its tables only grow; turn it on."))
  }
  return found.length === 0 ? [ok("vacuum", "No table needs a vacuum.")] : found
}

/** Postgres takes no writes any more at about 2.1 thousand million. */
const oldXid = 1_000_000_000
const lastXid = 1_800_000_000

export const xidVerdict = (age: number): Verdict | undefined => {
  if (age < oldXid) return undefined
  const message = `The oldest transaction number is ${age} old, and at 2100000000 the database stops taking writes; ` +
    "run VACUUM (FREEZE), and look for what holds it up: an old transaction, a replication slot."
  return age < lastXid ? warning("vacuum", message) : failed("vacuum", message)
}

/** Each commit waits for it at least once. */
const farMillis = 20

export const distanceVerdict = (millis: number, size: number): Verdict => {
  const has = `The database answers in ${millis.toFixed(1)} ms, and has ${bytes(size)}`
  return millis > farMillis
    ? warning(check, `${has}; every message waits for it: put the server near it.`)
    : ok(check, `${has}.`)
}
