/** The data file as a file: what it may be called, who owns it, which version wrote it, whether its log is its own. */
import { Effect, type Scope } from "effect"
import { randomInt } from "node:crypto"
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import { StoreError } from "./MessageStore.ts"
import { table, versionProblem } from "./migrations.ts"
import * as SqliteClient from "./SqliteClient.ts"

export const failed = (message: string, cause?: unknown) => new StoreError({ kind: "unavailable", message, cause })

const strange = (filename: string, cause?: unknown) =>
  new StoreError({
    kind: "corrupt",
    message:
      `${filename} is not a Switchboard data file, or it is damaged; restore a backup or choose another with --data.`,
    cause
  })

export const openError = (filename: string) => (error: unknown): StoreError => {
  switch (SqliteClient.problemOf(error)) {
    case "read-only":
      return failed(`The data file ${filename} is read-only; make it writable or choose another with --data.`, error)
    case "corrupt":
      return strange(filename, error)
    case "full":
      return failed(`The disk is full, so ${filename} cannot be opened; make room.`, error)
    case "busy":
    case "locked":
      return failed(`The data file ${filename} is busy; stop the other program or try again.`, error)
    default:
      return failed(`Cannot open the data file ${filename}; check that its directory exists and is writable.`, error)
  }
}

/**
 * The file behind a name, which is what its log and its lock are named after. SQLite knows names that keep nothing or
 * mean something else; a store that says `disk` has none of them.
 */
export const fileOf = (name: string, flag = "--data"): Effect.Effect<string, StoreError> =>
  Effect.suspend(() => {
    if (name.trim() === "" || name.includes("\0")) return failed(`Give ${flag} the name of a file; it is empty.`)
    if (name === ":memory:") {
      return failed(`Give ${flag} the name of a file; to keep messages in memory only, use --store memory.`)
    }
    if (/^file:/i.test(name)) return failed(`Give ${flag} a path, not the address ${name}.`)
    try {
      if (!existsSync(name)) return Effect.succeed(name)
      const path = realpathSync(name)
      return statSync(path).isFile()
        ? Effect.succeed(path)
        : failed(`${name} is a directory or a device; give ${flag} the name of a file.`)
    } catch (cause) {
      return failed(`Cannot look at ${name}; check ${flag} and the rights on its directory.`, cause)
    }
  })

/** The same, for what has to be there already. */
export const existing = (name: string, flag = "--data"): Effect.Effect<string, StoreError> =>
  Effect.filterOrFail(
    fileOf(name, flag),
    (path) => existsSync(path),
    () => failed(`There is no file ${name}; check ${flag}.`)
  )

const magic = "SQLite format 3\0"

interface Marks {
  /** Whether it begins as a file of SQLite does that has tables. */
  readonly whole: boolean
  /** Whether the file has ever had a log: a copy made by `VACUUM INTO` has not. */
  readonly logged: boolean
  /** Which run of a server has it, or had it last: SQLite's `user_version`. */
  readonly run: number
  /** In a lock: the run before, until the data file itself has the mark of this one. SQLite's `application_id`. */
  readonly before: number
}

/** Its magic, the format of its schema, its encoding, and what is kept free. */
const isWhole = (header: Buffer): boolean =>
  header.toString("latin1", 0, magic.length) === magic && within(header.readUInt32BE(44), 4) &&
  within(header.readUInt32BE(56), 3) && header.subarray(72, 92).every((byte) => byte === 0)

const within = (value: number, most: number): boolean => value >= 1 && value <= most

/**
 * From the first bytes, without SQLite, which would take up the log. Never of a file that this process has open: closing it
 * here would let go of SQLite's locks on it, and another process would take its log away.
 */
const marksOf = (filename: string): Marks | undefined => {
  if (!existsSync(filename)) return undefined
  const header = Buffer.alloc(100)
  const fd = openSync(filename, "r")
  try {
    if (readSync(fd, header, 0, 100, 0) < 100) return undefined
  } finally {
    closeSync(fd)
  }
  return {
    whole: isWhole(header),
    logged: header[18] === 2,
    run: header.readUInt32BE(60),
    before: header.readUInt32BE(68)
  }
}

/** Of a log: its own header, and that of each page in it. */
const logHeader = 32
const frameHeader = 24

/** The run that has the file, as the first page says it that is in its log; `undefined` where that is not in it. */
const runInLog = (filename: string): number | undefined => {
  const header = Buffer.alloc(frameHeader + 100)
  const fd = openSync(`${filename}-wal`, "r")
  try {
    readSync(fd, header, 0, logHeader, 0)
    const frame = frameHeader + header.readUInt32BE(8)
    for (let at = logHeader; readSync(fd, header, 0, header.length, at) === header.length; at += frame) {
      if (header.readUInt32BE(0) === 1) return header.readUInt32BE(frameHeader + 60)
    }
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** The data files that this process has open; their logs were looked at before. */
const open = new Set<string>()

/** From here on, and until the scope closes. */
export const opening = (filename: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => open.has(filename) ? undefined : open.add(filename)),
    (added) => Effect.sync(() => added?.delete(filename))
  ))

const hasLog = (filename: string): boolean => existsSync(`${filename}-wal`) && statSync(`${filename}-wal`).size > 32

/**
 * A server that was killed leaves its last commits in a log beside the file. SQLite writes them into whatever file has
 * that name next, so a copy that was put there would be damaged. What cannot be the log's own file is refused. Before the
 * lock is taken, which is looked at too. Where a power cut has destroyed the beginning of the file, while the log was moved
 * into it, the log says whose it is, and SQLite has all of it there.
 */
export const checkLog = (filename: string): Effect.Effect<void, StoreError> =>
  Effect.suspend(() => {
    try {
      if (open.has(filename) || !hasLog(filename)) return Effect.void
      const file = marksOf(filename)
      const lock = marksOf(`${filename}.lock`)
      const runs = new Set(lock === undefined ? [] : [lock.run, lock.before])
      const own = file?.whole === false
        ? lock !== undefined && lock.run !== 0 && runs.has(runInLog(filename) ?? -1)
        : file?.logged === true && (lock === undefined || lock.run === 0 || runs.has(file.run))
      return own ? Effect.void : failed(
        `The log ${filename}-wal is not of the file ${filename}, which was put in its place; ` +
          `use "switchboard restore" to restore a copy, or remove the log and lose what only it has.`
      )
    } catch (cause) {
      return openError(filename)(cause)
    }
  })

/**
 * Opens it to look at it only. Where nothing can be written, SQLite cannot share a file, and reads it as one that nobody
 * changes; it is not asked to elsewhere, because a server may change it.
 */
const reading = (filename: string): DatabaseSync => {
  const url = pathToFileURL(filename)
  const opened = () => {
    const db = new DatabaseSync(url, { readOnly: true, timeout: 5_000 })
    try {
      db.exec("PRAGMA schema_version")
      return db
    } catch (cause) {
      db.close()
      throw cause
    }
  }
  try {
    return opened()
  } catch (cause) {
    const problem = SqliteClient.problemOf(cause)
    if ((problem !== "read-only" && problem !== "cannot open") || existsSync(`${filename}-wal`)) throw cause
    url.searchParams.set("immutable", "1")
    return opened()
  }
}

export const look = <A>(filename: string, f: (db: DatabaseSync) => A): Effect.Effect<A, StoreError> =>
  Effect.try({
    try: () => {
      const db = reading(filename)
      try {
        return f(db)
      } finally {
        db.close()
      }
    },
    catch: (cause) => cause instanceof StoreError ? cause : openError(filename)(cause)
  })

/**
 * Which migration the file has: 0 when it is empty. Another program's database, or a newer file, is refused, and by those
 * who only look at it an empty or older one too.
 */
export const versionOf = Effect.fnUntraced(function*(filename: string, lookingAt?: { readonly empty: string }) {
  const isEmpty = !existsSync(filename) || statSync(filename).size === 0
  const version = isEmpty ? 0 : yield* look(filename, (db) => {
    const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all().map(({ name }) => name)
    if (!names.includes(table)) return names.length === 0 ? 0 : undefined
    return Number(db.prepare(`SELECT max(migration_id) AS id FROM ${table}`).get()?.["id"] ?? 0)
  })
  if (version === undefined) return yield* strange(filename)
  const problem = versionProblem(`The data file ${filename}`, version, lookingAt)
  if (problem !== undefined) return yield* problem
  return version
})

/**
 * Held as long as the server lives and released by the operating system however it ends: a lock on a file beside the
 * data file, so that backups and exports can still read the data.
 */
export const own = (filename: string): Effect.Effect<SqliteClient.Lock, StoreError, Scope.Scope> =>
  SqliteClient.makeLock(`${filename}.lock`).pipe(
    Effect.mapError((error) =>
      SqliteClient.problemOf(error) === "busy"
        ? failed(`The data file ${filename} is in use by another server; stop it or choose another with --data.`, error)
        : openError(filename)(error)
    )
  )

/** Gives the data file, and the lock that its log is checked against, the mark of this run. */
export const mark = (filename: string, lock: SqliteClient.Lock) =>
  Effect.gen(function*() {
    // While somebody reads the log, it stays; then the file keeps the mark that it has.
    if (!(yield* SqliteClient.emptyLog)) return
    const run = randomInt(1, 2 ** 31)
    yield* lock.mark(run, yield* SqliteClient.userVersion)
    yield* SqliteClient.setUserVersion(run)
    // The lock forgets the run before only when the file cannot be of it any more.
    if (yield* SqliteClient.emptyLog) yield* lock.mark(run, run)
  }).pipe(Effect.mapError(openError(filename)))
