/** Looks at a Postgres database, also beside servers that have it. Nothing in it is changed. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, type Redacted } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import * as Monotonic from "../../services/kernel/Monotonic.ts"
import { newest, table } from "../../services/storage/migrations.ts"
import { refused } from "../../services/storage/PostgresMessageStore.ts"
import { type Check, failed, type Verdict } from "./Check.ts"
import { clockVerdict, readClock } from "./clock.ts"
import {
  connectionsVerdict,
  distanceVerdict,
  durabilityVerdict,
  rightsVerdict,
  type Table,
  vacuumVerdicts,
  versionVerdict,
  writableVerdict,
  xidVerdict
} from "./postgresVerdicts.ts"

const check = "store"

interface State {
  readonly version: number
  readonly fsync: string
  readonly synchronous_commit: string
  readonly full_page_writes: string
  readonly autovacuum: string
  readonly read_only: boolean
  readonly max: number
  readonly reserved: number
  readonly used: number
  readonly ours: number
  readonly role: string
  readonly may_create: boolean
  readonly size: number
  readonly xid_age: number
}

const stateOf = (sql: SqlClient.SqlClient) =>
  sql<State>`SELECT current_setting('server_version_num')::int AS version,
      current_setting('fsync') AS fsync,
      current_setting('synchronous_commit') AS synchronous_commit,
      current_setting('full_page_writes') AS full_page_writes,
      current_setting('autovacuum') AS autovacuum,
      pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
      current_setting('max_connections')::int AS max,
      current_setting('superuser_reserved_connections')::int AS reserved,
      (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid())::int AS used,
      (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'switchboard')::int AS ours,
      current_user::text AS role,
      COALESCE(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) AS may_create,
      pg_database_size(current_database())::float8 AS size,
      (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database())::float8 AS xid_age`

/** Another app's tables may be beside ours: those are somebody else's who made them. */
const tablesOf = (sql: SqlClient.SqlClient) =>
  sql<Table & { readonly open: boolean }>`SELECT s.relname::text AS name, s.n_live_tup::float8 AS live,
      s.n_dead_tup::float8 AS dead,
      has_table_privilege(s.relid, 'SELECT') AND has_table_privilege(s.relid, 'INSERT')
        AND has_table_privilege(s.relid, 'UPDATE') AND has_table_privilege(s.relid, 'DELETE') AS open
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = 'public'
      AND c.relowner = (SELECT relowner FROM pg_class WHERE oid = to_regclass(${`public.${table}`}))
    ORDER BY s.relname`

/** How far the tables are; whoever may not read that may not read the rest either. */
const migrationOf = Effect.fnUntraced(function*(sql: SqlClient.SqlClient) {
  const [there] = yield* sql<{ readonly found: boolean }>`SELECT to_regclass(${`public.${table}`}) IS NOT NULL AS found`
  if (there?.found !== true) return 0
  const rows = yield* sql<{ readonly id: number | null }>`SELECT max(migration_id)::int AS id FROM ${sql(table)}`.pipe(
    Effect.orElseSucceed(() => [])
  )
  return rows[0]?.id ?? newest
})

const verdicts = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [state] = yield* stateOf(sql)
  const { autovacuum, fsync, full_page_writes, max, may_create, ours, reserved, role, size, used, version } = state!
  const tables = yield* tablesOf(sql)
  const migration = yield* migrationOf(sql)
  const ask = Effect.map(
    sql<{ readonly now: number }>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
    ([row]) => row!.now
  )
  const now = yield* Monotonic.now
  const start = now()
  const reading = yield* readClock(ask)
  const millis = now() - start
  return [
    versionVerdict(version),
    writableVerdict(state!.read_only),
    durabilityVerdict({ fsync, synchronousCommit: state!.synchronous_commit, fullPageWrites: full_page_writes }),
    rightsVerdict({
      role,
      migration,
      newest,
      mayCreate: may_create,
      closed: tables.filter(({ open }) => !open).map(({ name }) => name)
    }),
    connectionsVerdict({ max, reserved, used, ours }),
    distanceVerdict(millis, size),
    ...vacuumVerdicts(tables, autovacuum === "on"),
    xidVerdict(state!.xid_age),
    clockVerdict("the database", reading)
  ].filter((verdict) => verdict !== undefined)
})

const notReached = (error: SqlError.SqlError): ReadonlyArray<Verdict> => [failed(check, refused(error).message)]

export const postgresCheck = (url: Redacted.Redacted<string>): Check => ({
  name: check,
  run: verdicts.pipe(
    Effect.provide(PgClient.layer({
      url,
      maxConnections: 1,
      connectTimeout: "3 seconds",
      applicationName: "switchboard-doctor",
      startupParameters: { search_path: "public", statement_timeout: "3000" }
    })),
    Effect.catchTag("SqlError", (error) => Effect.succeed(notReached(error)))
  )
})
