/** Copies of the data file: made while a server runs, put back while none does. */
import { Clock, DateTime, Effect } from "effect"
import { randomUUID } from "node:crypto"
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { FileId } from "../../domain/Ids.ts"
import { StoreError } from "./MessageStore.ts"
import { problemOf } from "./SqliteClient.ts"
import { checkLog, existing, failed, fileOf, look, own, versionOf } from "./sqliteFile.ts"

const syncPath = (path: string, flags: "r" | "r+"): void => {
  const fd = openSync(path, flags)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** So that a name, once it is there, is there after a power cut too. */
const syncDirectory = (path: string): void => syncPath(dirname(path), "r")

const copyError = (from: string, to: string) => (cause: unknown): StoreError => {
  if (cause instanceof StoreError) return cause
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  const problem = problemOf(cause)
  if (problem === "full" || code === "ENOSPC" || code === "EDQUOT") {
    return failed(`The disk is full, so ${to} was not made; make room or name another place.`, cause)
  }
  if (problem === "corrupt") {
    return new StoreError({ kind: "corrupt", message: `${from} is damaged; use another copy of it.`, cause })
  }
  if (problem === "busy") return failed(`${from} is busy; try again.`, cause)
  if (code === "EEXIST") return failed(`The file ${to} is there already; name a new one.`, cause)
  return failed(`Cannot copy ${from} to ${to}; check that its directory exists and is writable.`, cause)
}

/** The files that a data file names, and that have to be there; of one that knows none yet, none. */
export const filesIn = (filename: string): ReadonlyArray<FileId> => {
  const db = new DatabaseSync(filename, { readOnly: true, timeout: 5_000 })
  try {
    const [table] = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'files'").all()
    if (table === undefined) return []
    // The column holds names of files.
    const rows = db.prepare("SELECT file FROM files WHERE state IN ('ready', 'held') ORDER BY file").all()
    return rows.map(({ file }) => file as FileId)
  } finally {
    db.close()
  }
}

/** A whole copy under a name of its own, on the disk; taken away again unless `use` gives it another name. */
const withCopy = <A>(from: string, to: string, use: (part: string) => A): Effect.Effect<A, StoreError> => {
  const part = `${to}.${randomUUID()}.part`
  return look(from, (db) => {
    // A damaged file may be copied without an error; the copy would be of no use when it is needed.
    const [row] = db.prepare("PRAGMA quick_check(1)").all()
    if (row?.["quick_check"] !== "ok") {
      throw new StoreError({ kind: "corrupt", message: `${from} is damaged; use another copy of it.` })
    }
    try {
      db.prepare("VACUUM INTO ?").run(part)
      // It holds the same texts.
      chmodSync(part, statSync(from).mode & 0o777)
      syncPath(part, "r+")
      return use(part)
    } catch (cause) {
      throw copyError(from, to)(cause)
    } finally {
      for (const suffix of ["", "-journal"]) rmSync(part + suffix, { force: true })
    }
  })
}

/**
 * A consistent copy, also while a server writes to the file. The copy must not exist yet. What else belongs to it is seen to
 * by `complete`, which gets the whole copy before it has its name.
 */
export const backup = Effect.fn("SqliteMessageStore.backup")(function*(
  filename: string,
  to: string,
  complete: (part: string) => void = () => {}
) {
  const from = yield* existing(filename)
  const copy = yield* fileOf(to, "--to")
  if (existsSync(copy)) return yield* failed(`The file ${to} is there already; name a new one.`)
  yield* checkLog(from)
  yield* versionOf(from)
  // A copy has its name only once it is whole and on the disk, and takes nobody else's.
  yield* withCopy(from, copy, (part) => {
    complete(part)
    linkSync(part, copy)
    syncDirectory(copy)
  })
})

/** The old file for itself, with nothing left in its log; false when it cannot be read any more. */
const settle = (filename: string): boolean => {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(filename, { timeout: 0 })
    // Nobody else has it open when this succeeds.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
    return true
  } catch (cause) {
    if (problemOf(cause) === "busy") throw failed(`The data file ${filename} is in use by another command; try again.`)
    return false
  } finally {
    db?.close()
  }
}

const movable = (filename: string): ReadonlyArray<string> =>
  ["-wal", "-shm", "-journal"].filter((suffix) => existsSync(filename + suffix))

/**
 * Puts a copy in the place of the data file, in one step; what was there, with its log, is kept under another name, which
 * is the answer. No server may have it. What else comes back does so before it, by `first`, while no server can begin.
 */
export const restore = Effect.fn("SqliteMessageStore.restore")(
  function*(from: string, filename: string, first: Effect.Effect<void, StoreError> = Effect.void) {
    const copy = yield* existing(from, "--from")
    const file = yield* fileOf(filename)
    const now = yield* Clock.currentTimeMillis
    if (copy === file) return yield* failed(`${from} is the data file itself; give --from a copy of it.`)
    const ownLog = yield* Effect.isSuccess(checkLog(file))
    yield* own(file)
    yield* checkLog(copy)
    if ((yield* versionOf(copy)) === 0) return yield* failed(`${from} is empty; give --from a copy of a data file.`)
    yield* first
    const aside = `${file}.${DateTime.formatIso(DateTime.makeUnsafe(now)).replaceAll(/[:.]/g, "-")}.old`
    return yield* withCopy(copy, file, (part) => {
      const there = existsSync(file)
      const settled = there && ownLog && settle(file)
      for (const suffix of movable(file)) {
        if (settled || suffix === "-shm") rmSync(file + suffix, { force: true })
        // What could not be taken up into the old file stays beside it; what is not its own, not under its name.
        else renameSync(file + suffix, ownLog ? aside + suffix : `${aside}.apart${suffix}`)
      }
      if (there) linkSync(file, aside)
      renameSync(part, file)
      syncDirectory(file)
      return there ? aside : undefined
    })
  },
  Effect.scoped
)
