/** The shared store: a Postgres database that several servers may use. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Context, Effect, Layer, type Redacted } from "effect"
import { Migrator, SqlClient, SqlError } from "effect/sql"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { DeviceOptions } from "./devices.ts"
import { Journal } from "./Journal.ts"
import { MessageStore, StoreError } from "./MessageStore.ts"
import { migrations, table, versionProblem } from "./migrations.ts"
import * as PostgresJournal from "./PostgresJournal.ts"
import { PostgresLines } from "./PostgresLines.ts"
import * as PostgresSearch from "./PostgresSearch.ts"
import { searchParameters } from "./postgresSearchReads.ts"
import { saidByPostgres } from "./sqlErrors.ts"
import * as SqlMessageStore from "./SqlMessageStore.ts"
import { withParts } from "./sqlParts.ts"
import type { StoreParts } from "./StoreParts.ts"

export interface PostgresMessageStoreOptions extends DeviceOptions {
  /** `postgres://user:password@host:port/name` */
  readonly url: Redacted.Redacted<string>
  /** The Postgres schema that holds the tables; `public` by default. It is made if it is not there. */
  readonly schema?: string
  /** 8 by default: reads run beside the one writer. Searches have two more of their own. */
  readonly maxConnections?: number
  /** Whether to make the tables and bring them up to date, as a server does; true by default. */
  readonly migrate?: boolean
}

/** A statement that takes longer has failed; its senders are told to try again. In milliseconds. */
const statementTimeout = 5_000

/**
 * A server that is gone, or stands still, in the middle of a commit holds its locks for so long, and then that commit has
 * not happened. Otherwise Postgres would wait for it for hours, and all other servers with it. In milliseconds.
 */
const idleTimeout = 5_000

/** Searches under way at once; more of them wait for each other, and nobody else for them. */
const searchConnections = 2

/** Seconds that a line may owe an answer: the database gives up a statement before, and says so. */
const patience = 6

const failed = (message: string, cause?: unknown) =>
  new StoreError({ kind: "unavailable", message, ...(cause === undefined ? undefined : { cause }) })

export const refused = (error: SqlError.SqlError) => {
  const said = saidByPostgres(error)
  if (said !== undefined) {
    return failed(`The Postgres database refuses: ${said}. Check --database-url, or ask whoever runs it.`, error)
  }
  const { cause } = error.reason
  const why = cause instanceof Error && cause.message !== "" ? ` (${cause.message})` : ""
  return failed(
    `The Postgres database cannot be reached${why}; check that it runs and what --database-url says.`,
    error
  )
}

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
    if (migrate) {
      // Not `IF NOT EXISTS`: that needs the right to make one, also where it is there.
      const [found] = yield* sql<{ oid: string | null }>`SELECT to_regnamespace(quote_ident(${schema}))::text AS oid`
      if (found?.oid === null) yield* sql`CREATE SCHEMA IF NOT EXISTS ${sql(schema)}`
    }
    const [there] = yield* sql<{ oid: string | null }>`SELECT to_regclass(${`${schema}.${table}`})::text AS oid`
    let version = 0
    if (there?.oid !== null && there !== undefined) {
      const [row] = yield* sql<{ id: number | null }>`SELECT max(migration_id) AS id FROM ${sql(table)}`
      version = row?.id ?? 0
    }
    const problem = versionProblem(
      "The database",
      version,
      migrate ? undefined : {
        empty: "There is no Switchboard in this database; check --database-url."
      }
    )
    if (problem !== undefined) return yield* problem
    if (migrate) yield* Migrator.make({})({ loader: migrations, table })
  }).pipe(
    Effect.catchTag("MigrationError", (error) =>
      Effect.fail(
        SqlError.isSqlError(error.cause) ? error.cause : failed("The database cannot be brought up to date.", error)
      ))
  )

/** The store, the journal that its servers keep for each other and the directory of its users, over a pool of connections. It reconnects by itself. */
const layer = (
  { maxConnections = 8, migrate = true, schema = "public", url, ...devices }: PostgresMessageStoreOptions
): Layer.Layer<MessageStore | Journal | StoreParts, StoreError> => {
  const lines = new PostgresLines(url, patience)
  const connections = (atOnce: number, parameters: Readonly<Record<string, string>> = {}) =>
    PgClient.layer({
      url,
      maxConnections: atOnce,
      stream: lines.open,
      connectTimeout: "3 seconds",
      applicationName: "switchboard",
      // Compiling a list's query took seconds, running it a millisecond.
      startupParameters: {
        search_path: schema,
        statement_timeout: String(statementTimeout),
        lock_timeout: "2000",
        idle_in_transaction_session_timeout: String(idleTimeout),
        jit: "off",
        ...parameters
      }
    })
  const store = Layer.effectContext(
    Effect.gen(function*() {
      // Before the pool closes, which waits for what is under way.
      yield* Effect.addFinalizer(() => Effect.sync(() => lines.cutOff()))
      yield* prepare(schema, migrate)
      yield* checkSynchronousCommit
      const store = yield* SqlMessageStore.make("database", devices)
      // A role that may not write is told now, and not at the first message.
      if (migrate) yield* store.check
      const sql = yield* SqlClient.SqlClient
      const ofSearch = yield* Layer.build(connections(searchConnections, searchParameters))
      const { keep, search } = yield* PostgresSearch.make(sql, Context.get(ofSearch, SqlClient.SqlClient))
      if (migrate) yield* Effect.forkScoped(keep)
      return Context.add(yield* withParts(store, search), Journal, PostgresJournal.make(sql))
    })
  )
  const watch = Layer.effectDiscard(
    Effect.forkScoped(repeatForever("PostgresLines", Effect.sync(() => lines.look()), "1 second"))
  )
  return store.pipe(
    Layer.provide(connections(maxConnections)),
    // Also while it begins.
    Layer.provide(watch),
    Layer.catchTag("SqlError", (error) => Layer.effectContext(refused(error)))
  )
}

export const PostgresMessageStore = { layer }
