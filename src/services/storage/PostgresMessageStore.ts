/** The shared store: a Postgres database that several servers may use. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Layer, type Redacted } from "effect"
import { Migrator, SqlClient, type SqlError } from "effect/sql"
import type { DeviceOptions } from "./devices.ts"
import { MessageStore, StoreError } from "./MessageStore.ts"
import { migrations, newest, table } from "./migrations.ts"
import * as SqlMessageStore from "./SqlMessageStore.ts"

export interface PostgresMessageStoreOptions extends DeviceOptions {
  /** `postgres://user:password@host:port/name` */
  readonly url: Redacted.Redacted<string>
  /** The Postgres schema that holds the tables; `public` by default. It is made if it is not there. */
  readonly schema?: string
  /** 8 by default: reads run beside the one writer. */
  readonly maxConnections?: number
  /** Whether to make the tables and bring them up to date, as a server does; true by default. */
  readonly migrate?: boolean
}

/** A statement that takes longer has failed; its senders are told to try again. In milliseconds. */
const statementTimeout = 5_000

/** A commit is a few statements. In milliseconds. */
const commitTimeout = 15_000

const failed = (message: string, cause?: unknown) =>
  new StoreError({ kind: "unavailable", message, ...(cause === undefined ? undefined : { cause }) })

const unreachable = (error: SqlError.SqlError) =>
  failed("The Postgres database cannot be reached; check that it runs and what --database-url says.", error)

/** Without it a commit that was answered may be lost when the database's machine fails (P1). */
const checkSynchronousCommit = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ synchronous_commit: string }>`SHOW synchronous_commit`
  if (row?.synchronous_commit === "off") {
    return yield* failed("The database has synchronous_commit off, so it may lose what it accepted; turn it on.")
  }
})

const prepare = (schema: string, migrate: boolean) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`SET client_min_messages TO warning`
    if (migrate) yield* sql`CREATE SCHEMA IF NOT EXISTS ${sql(schema)}`
    const [there] = yield* sql<{ oid: string | null }>`SELECT to_regclass(${`${schema}.${table}`})::text AS oid`
    let version = 0
    if (there?.oid !== null && there !== undefined) {
      const [row] = yield* sql<{ id: number | null }>`SELECT max(migration_id) AS id FROM ${sql(table)}`
      version = row?.id ?? 0
    }
    if (version > newest) return yield* failed("The database was written by a newer Switchboard; update this one.")
    if (!migrate) {
      if (version === 0) return yield* failed("There is no Switchboard in this database; check --database-url.")
      if (version === newest) return
      return yield* failed("The database is of an older Switchboard; start a server of this version on it first.")
    }
    yield* Migrator.make({})({ loader: migrations, table })
  }).pipe(
    Effect.catchTags({
      SqlError: (error) => Effect.fail(unreachable(error)),
      MigrationError: (error) => Effect.fail(failed("The database cannot be brought up to date.", error))
    })
  )

/** The store over a pool of connections. It reconnects by itself. */
const layer = (
  { maxConnections = 8, migrate = true, schema = "public", url, ...devices }: PostgresMessageStoreOptions
): Layer.Layer<MessageStore, StoreError> => {
  const client = PgClient.layer({
    url,
    maxConnections,
    connectTimeout: "3 seconds",
    applicationName: "switchboard",
    // Compiling a list's query took seconds, running it a millisecond.
    startupParameters: {
      search_path: schema,
      statement_timeout: String(statementTimeout),
      lock_timeout: "2000",
      jit: "off"
    }
  }).pipe(Layer.catchTag("SqlError", (error) => Layer.effectContext(unreachable(error))))
  return Layer.effect(
    MessageStore,
    Effect.gen(function*() {
      yield* prepare(schema, migrate)
      yield* Effect.mapError(checkSynchronousCommit, (error) => error._tag === "SqlError" ? unreachable(error) : error)
      const store = yield* SqlMessageStore.make("database", devices)
      // The database's own timeouts do not help when its machine has vanished.
      const inTime = Effect.timeoutOrElse({
        duration: commitTimeout,
        orElse: () => Effect.fail(failed("The database does not answer."))
      })
      return MessageStore.of({
        ...store,
        commit: (appends, moves) => inTime(store.commit(appends, moves)),
        check: inTime(store.check)
      })
    })
  ).pipe(Layer.provide(client))
}

export const PostgresMessageStore = { layer }
