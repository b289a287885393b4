/** The embedded store: one SQLite file, owned by one server at a time. */
import { Effect, Layer } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import type { DeviceOptions } from "./devices.ts"
import type { MessageStore, StoreError } from "./MessageStore.ts"
import { migrations, table } from "./migrations.ts"
import * as SqliteClient from "./SqliteClient.ts"
import { backup, filesIn, restore } from "./sqliteCopies.ts"
import { checkLog, existing, failed, fileOf, mark, openError, opening, own, versionOf } from "./sqliteFile.ts"
import * as SqliteSearch from "./SqliteSearch.ts"
import * as SqlMessageStore from "./SqlMessageStore.ts"
import { withParts } from "./sqlParts.ts"
import type { StoreParts } from "./StoreParts.ts"

export interface SqliteMessageStoreOptions extends DeviceOptions {
  /** The data file; a server makes it if it is not there. */
  readonly filename: string
  /**
   * Whether to own the file alone, as a server does. Commands that look at a running server's file do not: for them it
   * has to be there, and of this version. True by default.
   */
  readonly exclusive?: boolean
}

/** A command waits for the server's commits; nobody waits for a command. */
const commandTimeoutMillis = 5_000

const migrate = (filename: string) =>
  Migrator.make({})({ loader: migrations, table }).pipe(
    Effect.catchTags({
      SqlError: (error) => Effect.fail(openError(filename)(error)),
      MigrationError: (error) => Effect.fail(failed(`The data file ${filename} cannot be brought up to date.`, error))
    })
  )

const clientOf = (filename: string, options?: Partial<SqliteClient.SqliteOptions>) =>
  SqliteClient.layer({ filename, ...options }).pipe(
    Layer.catchTag("SqlError", (error) => Layer.effect(SqlClient.SqlClient, openError(filename)(error)))
  )

const withSearch = Effect.fnUntraced(function*(store: MessageStore["Service"]) {
  return yield* withParts(store, yield* SqliteSearch.make(yield* SqlClient.SqlClient))
})

const server = (name: string, devices: DeviceOptions) =>
  Layer.unwrap(Effect.gen(function*() {
    const filename = yield* fileOf(name)
    yield* checkLog(filename)
    // Before the data file is touched.
    const lock = yield* own(filename)
    yield* opening(filename)
    yield* versionOf(filename)
    return Layer.effectContext(
      Effect.gen(function*() {
        yield* migrate(filename)
        yield* mark(filename, lock)
        return yield* withSearch(yield* SqlMessageStore.make("disk", devices))
      })
    ).pipe(Layer.provide(clientOf(filename)))
  }))

/**
 * While a step of an erasure waits for the disk, a server beside it waits for the step. So only the end of it is waited
 * for, which has all before it reach the disk as well, and the log is emptied before the server would have to.
 */
const beside = (
  filename: string,
  sql: SqlClient.SqlClient,
  store: MessageStore["Service"]
): MessageStore["Service"] => {
  const set = (pragmas: ReadonlyArray<string>) =>
    Effect.mapError(
      Effect.forEach(pragmas, (each) => sql.unsafe(`PRAGMA ${each}`), { discard: true }),
      openError(filename)
    )
  return {
    ...store,
    eraseUser: (user, pause) =>
      set(["synchronous = NORMAL", "wal_autocheckpoint = 200"]).pipe(
        Effect.andThen(store.eraseUser(user, pause)),
        Effect.tap(set(["synchronous = FULL", "wal_autocheckpoint = 1000"])),
        Effect.tap(store.check)
      )
  }
}

const command = (name: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const filename = yield* existing(name)
    yield* checkLog(filename)
    yield* opening(filename)
    yield* versionOf(filename, { empty: `${filename} is empty; check --data.` })
    return Layer.effectContext(
      Effect.gen(function*() {
        const store = beside(filename, yield* SqlClient.SqlClient, yield* SqlMessageStore.make("disk"))
        return yield* withSearch(store)
      })
    ).pipe(
      Layer.provide(clientOf(filename, { busyTimeoutMillis: commandTimeoutMillis }))
    )
  }))

/** The store, and the directory of its users; a commit has reached the disk when it is answered (`durability: "disk"`). */
const layer = (
  { exclusive = true, filename, ...devices }: SqliteMessageStoreOptions
): Layer.Layer<MessageStore | StoreParts, StoreError> => exclusive ? server(filename, devices) : command(filename)

export const SqliteMessageStore = { layer, backup, restore, filesIn }
