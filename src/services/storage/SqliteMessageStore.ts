/** The embedded store: one SQLite file, owned by one server at a time. */
import { Effect, Layer, type Scope } from "effect"
import { Migrator, SqlClient, type SqlError } from "effect/sql"
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs"
import { MessageStore, StoreError } from "./MessageStore.ts"
import { migrations, newest, table } from "./migrations.ts"
import * as SqliteClient from "./SqliteClient.ts"
import * as SqlMessageStore from "./SqlMessageStore.ts"

export interface SqliteMessageStoreOptions {
  /** The data file; it is made if it is not there. */
  readonly filename: string
  /**
   * Whether to own the file alone, as a server does. Commands that look at a running server's file do not.
   * True by default.
   */
  readonly exclusive?: boolean
}

const failed = (message: string) => (cause: unknown) => new StoreError({ kind: "unavailable", message, cause })

/** SQLite's own result code: 8 is read-only, 14 cannot open, 11 and 26 are no (whole) database. */
const sqliteCode = (error: SqlError.SqlError): number => {
  const { cause } = error.reason
  return typeof cause === "object" && cause !== null && "errcode" in cause ? Number(cause.errcode) & 0xff : 0
}

const openError = (filename: string) => (error: SqlError.SqlError): StoreError => {
  switch (sqliteCode(error)) {
    case 8:
      return failed(`The data file ${filename} is read-only; make it writable or choose another with --data.`)(error)
    case 11:
    case 26:
      return new StoreError({
        kind: "corrupt",
        message:
          `${filename} is not a Switchboard data file, or it is damaged; restore a backup or choose another with --data.`,
        cause: error
      })
    case 13:
      return failed(`The disk is full, so ${filename} cannot be opened; make room.`)(error)
    case 5:
    case 6:
      return failed(`The data file ${filename} is busy; stop the other program or try again.`)(error)
    default:
      return failed(`Cannot open the data file ${filename}; check that its directory exists and is writable.`)(error)
  }
}

/**
 * Held as long as the server lives and released by the operating system however it ends: a lock on a file beside the
 * data file, so that backups and exports can still read the data.
 */
const own = (filename: string): Effect.Effect<void, StoreError, Scope.Scope> =>
  SqliteClient.makeLock(`${filename}.lock`).pipe(
    Effect.mapError((error) =>
      sqliteCode(error) === 5
        ? failed(`The data file ${filename} is in use by another server; stop it or choose another with --data.`)(error)
        : openError(filename)(error)
    )
  )

const newestIn = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [there] = yield* sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ${table}`
  if (there === undefined) return 0
  const [row] = yield* sql<{ id: number | null }>`SELECT max(migration_id) AS id FROM ${sql(table)}`
  return row?.id ?? 0
})

const prepare = (filename: string) =>
  Effect.gen(function*() {
    if ((yield* newestIn) > newest) {
      return yield* new StoreError({
        kind: "unavailable",
        message: `The data file ${filename} was written by a newer Switchboard; update this one.`
      })
    }
    yield* Migrator.make({})({ loader: migrations, table })
  }).pipe(
    Effect.catchTags({
      SqlError: (error) => Effect.fail(openError(filename)(error)),
      MigrationError: (error) => Effect.fail(failed(`The data file ${filename} cannot be brought up to date.`)(error))
    })
  )

/** The store and its `SqlClient`; a commit has reached the disk when it is answered (`durability: "disk"`). */
const layer = ({ exclusive = true, filename }: SqliteMessageStoreOptions): Layer.Layer<MessageStore, StoreError> => {
  const client = SqliteClient.layer({ filename }).pipe(
    Layer.catchTag("SqlError", (error) => Layer.effect(SqlClient.SqlClient, openError(filename)(error)))
  )
  return Layer.effect(
    MessageStore,
    Effect.gen(function*() {
      yield* prepare(filename)
      return yield* SqlMessageStore.make("disk")
    })
  ).pipe(
    Layer.provide(client),
    // Before the data file is touched.
    Layer.provide(exclusive ? Layer.effectDiscard(own(filename)) : Layer.empty)
  )
}

/** A consistent copy, also while a server writes to the file. The copy must not exist yet. */
const backup = Effect.fn("SqliteMessageStore.backup")(function*(filename: string, to: string) {
  const part = `${to}.part`
  yield* Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    if (existsSync(to)) return yield* failed(`The file ${to} is there already; name a new one.`)(undefined)
    yield* sql`VACUUM INTO ${part}`
    // A copy has its name only once it is whole and on the disk.
    yield* Effect.try({
      try: () => {
        const fd = openSync(part, "r+")
        fsyncSync(fd)
        closeSync(fd)
        renameSync(part, to)
      },
      catch: failed(`Cannot finish the copy ${to}; check its directory.`)
    })
  }).pipe(
    Effect.onError(() => Effect.sync(() => rmSync(part, { force: true }))),
    Effect.provide(SqliteClient.layer({ filename, readonly: true, busyTimeoutMillis: 5_000 })),
    Effect.mapError((cause) =>
      cause._tag === "StoreError" ? cause : new StoreError({
        kind: "unavailable",
        message: `Cannot copy ${filename} to ${to}; check that the first exists and the second does not.`,
        cause
      })
    )
  )
})

export const SqliteMessageStore = { layer, backup }
