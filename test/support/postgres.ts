/** A schema of its own in a real Postgres, for one test file. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"

/** On this machine by default; `TEST_DATABASE_URL` names another. */
const url = process.env["TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test"

export const postgresUrl = Redacted.make(url)

const clientOf = (url: string) =>
  PgClient.layer({ url: Redacted.make(url), maxConnections: 1, connectTimeout: "2 seconds" })

/** One after the other, in the database at this address. */
export const runAt = (url: string, ...statements: ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(statements, (each) => sql.unsafe(each))).pipe(
    Effect.provide(clientOf(url))
  )

const run = (statement: string) => runAt(url, statement)

const reachable = await Effect.runPromise(Effect.isSuccess(run("SELECT 1")))

if (!reachable) {
  const message = `No Postgres at ${url.replace(/\/\/.*@/, "//")}: the Postgres tests cannot run.`
  // CI installs one, so there its absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

export const hasPostgres = reachable

/** Some files are run twice, for one server and for two, and perhaps at once, each by a worker with a number of its own. */
export const ofWorker = (name: string) => `${name}_${process.env["VITEST_POOL_ID"] ?? 0}`

/** A fresh schema, dropped when the scope closes. */
export const freshSchema = (name: string) => {
  const schema = ofWorker(name)
  const drop = run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  return Effect.acquireRelease(Effect.orDie(Effect.as(drop, schema)), () => Effect.ignore(drop))
}

/** A role that may do what everybody may, and the address of a database for it; gone when the scope closes. */
export const freshRole = (name: string, at = url) => {
  const address = new URL(at)
  address.username = name
  return Effect.acquireRelease(
    Effect.as(runAt(at, `DROP ROLE IF EXISTS ${name}`, `CREATE ROLE ${name} LOGIN`), address.href),
    () => Effect.ignore(runAt(at, `DROP OWNED BY ${name}`, `DROP ROLE IF EXISTS ${name}`))
  )
}

/** Past the store: connections of a test's own to what is in a schema. */
export const inSchema = (schema: string) =>
  PgClient.layer({ url: postgresUrl, maxConnections: 4, startupParameters: { search_path: schema } })

/** Somebody waits for what this transaction has locked. */
export const isWaitedFor = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql`SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
    (rows) => rows.length > 0
  ))

/** A fresh database and its address, for servers that are processes of their own; dropped when the scope closes. */
export const freshDatabase = (name: string) => {
  const database = ofWorker(name)
  const drop = run(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)
  const address = new URL(url)
  address.pathname = `/${database}`
  return Effect.acquireRelease(
    drop.pipe(Effect.andThen(run(`CREATE DATABASE ${database}`)), Effect.as(address.href), Effect.orDie),
    () => Effect.ignore(drop)
  )
}
