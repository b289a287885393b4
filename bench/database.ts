/** A Postgres database for one run of a server, and where the Redis is. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { readdirSync, readFileSync } from "node:fs"

const adminUrl = process.env["BENCH_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test"
export const redisUrl = process.env["BENCH_REDIS_URL"] ?? "redis://127.0.0.1:6379"

/** Over a connection of its own. */
export const query = (url: string, statement: string) =>
  Effect.runPromise(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Record<string, unknown>>(statement)).pipe(
      Effect.provide(PgClient.layer({ url: Redacted.make(url), maxConnections: 1, connectTimeout: "5 seconds" }))
    )
  )

const run = (statement: string) => query(adminUrl, statement)

export interface Database {
  readonly name: string
  readonly url: string
  readonly drop: () => Promise<void>
}

let made = 0

/** Beside the one that `BENCH_DATABASE_URL` names. */
export const freshDatabase = async (): Promise<Database> => {
  const name = `switchboard_bench_${process.pid}_${made++}`
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return { name, url: url.href, drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(() => {}) }
}

export const databaseBytes = ({ name }: Database): Promise<number> =>
  run(`SELECT pg_database_size('${name}') AS bytes`).then(([row]) => Number(row!["bytes"]))

/** CPU time so far, in milliseconds, of all processes whose command line says this. */
const cpuMillisOf = (isMeant: (command: string) => boolean): number => {
  let ticks = 0
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!isMeant(readFileSync(`/proc/${pid}/cmdline`, "utf8"))) continue
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ")
      ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * 10
}

/** Of those that serve this database; who writes the log and the pages for all databases is not among them. */
export const databaseMillis = (name: string): number =>
  cpuMillisOf((command) => command.startsWith("postgres:") && command.includes(name))

export const redisMillis = (): number => cpuMillisOf((command) => command.includes("redis-server"))
