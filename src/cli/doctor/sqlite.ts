/** Looks at a SQLite data file, also beside a server that has it. Nothing in it is changed. */
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { accessSync, constants, existsSync, rmSync, statfsSync, statSync } from "node:fs"
import { stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { StoreError } from "../../services/storage/MessageStore.ts"
import * as SqliteClient from "../../services/storage/SqliteClient.ts"
import { checkLog, fileOf, look, openError, versionOf } from "../../services/storage/sqliteFile.ts"
import { type Check, failed, ok, type Verdict, whyOf } from "./Check.ts"
import {
  fileSystemVerdict,
  integrityVerdict,
  ownerVerdict,
  roomVerdict,
  type Trial,
  trialVerdict
} from "./sqliteVerdicts.ts"

const check = "store"

const mayWrite = (path: string): string | undefined => {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    return whyOf(error)
  }
}

const sizeOf = (path: string): number => existsSync(path) ? statSync(path).size : 0

const statfs = (path: string) => statfsSync(path, { bigint: false })

/** A server holds the lock as long as it lives; whoever asks for it here lets go of it at once. */
const isInUse = (filename: string): boolean => {
  if (sizeOf(`${filename}.lock`) === 0) return false
  try {
    const lock = new DatabaseSync(`${filename}.lock`, { readOnly: true, timeout: 0 })
    try {
      lock.exec("PRAGMA user_version")
      return false
    } finally {
      lock.close()
    }
  } catch (error) {
    return SqliteClient.problemOf(error) === "busy"
  }
}

/** A disk that is not there any more holds up whoever asks, and here nobody else. */
const disk = (name: string) => Effect.ignore(Effect.tryPromise({ try: () => stat(dirname(name)), catch: whyOf }))

/** Whether it can be opened by a server: its place, rights, log and version. */
const fileVerdicts = Effect.fnUntraced(function*(name: string) {
  yield* disk(name)
  const filename = yield* fileOf(name)
  const directory = dirname(filename)
  if (!existsSync(directory)) {
    return [failed(check, `There is no directory ${directory}; make it or choose another with --data.`)]
  }
  const found: Array<Verdict> = []
  // The log and the lock stand beside the file.
  const closed = mayWrite(directory)
  if (closed !== undefined) {
    found.push(failed(check, `${directory} cannot be written (${closed}); give this user the right to.`))
  }
  const { bavail, bsize, type } = statfs(directory)
  const place = fileSystemVerdict(type)
  if (place !== undefined) found.push(place)
  const room = roomVerdict({ free: bavail * bsize, size: sizeOf(filename) + sizeOf(`${filename}-wal`) })
  if (!existsSync(filename)) {
    return closed === undefined
      ? [...found, ok(check, `${filename} is not there yet; a server makes it.`), room]
      : found
  }
  const unwritable = mayWrite(filename)
  if (unwritable !== undefined) {
    found.push(failed(check, `${filename} cannot be written (${unwritable}); give this user the right to.`))
  }
  const owner = ownerVerdict(filename, { file: statSync(filename).uid, process: process.getuid?.() ?? 0 })
  if (owner !== undefined) found.push(owner)
  yield* checkLog(filename)
  const version = yield* versionOf(filename)
  const server = isInUse(filename) ? "; a server has it at the moment" : ""
  if (closed === undefined && unwritable === undefined) {
    found.push(ok(check, `${filename} can be opened, and is of migration ${version}${server}.`))
  }
  return [...found, room]
})

const commits = 5

/** A file of its own in the place of the data file, set up as the server sets up its own. */
const trial = (filename: string): Trial => {
  const db = new DatabaseSync(filename)
  try {
    SqliteClient.setUp(db)
    db.exec("CREATE TABLE trial (value BLOB) STRICT")
    const insert = db.prepare("INSERT INTO trial VALUES (zeroblob(1000))")
    const times = Array.from({ length: commits }, () => {
      const start = performance.now()
      insert.run()
      return performance.now() - start
    })
    return {
      journalMode: String(db.prepare("PRAGMA journal_mode").get()?.["journal_mode"]),
      synchronous: Number(db.prepare("PRAGMA synchronous").get()?.["synchronous"]),
      commitMillis: times.toSorted((a, b) => a - b)[Math.floor(commits / 2)]!
    }
  } finally {
    db.close()
  }
}

const trialVerdicts = Effect.fnUntraced(function*(name: string) {
  yield* disk(name)
  const data = yield* fileOf(name)
  // Of a directory that is not there, or closed, the other check tells.
  if (mayWrite(dirname(data)) !== undefined) return []
  const filename = join(dirname(data), `.switchboard-doctor-${randomUUID()}.db`)
  const tried = yield* Effect.ensuring(
    Effect.try({ try: () => trial(filename), catch: openError(filename) }),
    Effect.sync(() => {
      for (const suffix of ["", "-wal", "-shm"]) rmSync(`${filename}${suffix}`, { force: true })
    })
  )
  return [trialVerdict(tried)]
})

const integrityVerdicts = Effect.fnUntraced(function*(name: string) {
  const filename = yield* fileOf(name)
  if (!existsSync(filename)) return []
  const said = yield* look(filename, (db) => db.prepare("PRAGMA quick_check(1)").all())
  return [integrityVerdict(filename, said.map((row) => String(row["quick_check"])))]
})

const orFailed = (name: string, run: Effect.Effect<ReadonlyArray<Verdict>, StoreError>) =>
  Effect.catch(run, (error) => Effect.succeed([failed(name, error.message)]))

/** `integrity` reads all of it, which takes its time where it is big. */
export const sqliteChecks = (data: string, { integrity }: { readonly integrity: boolean }): ReadonlyArray<Check> => [
  { name: check, run: orFailed(check, fileVerdicts(data)) },
  { name: check, run: orFailed(check, trialVerdicts(data)) },
  ...(integrity
    ? [{ name: "integrity", run: orFailed("integrity", integrityVerdicts(data)), unbounded: true } as const]
    : [])
]
