/** P1: what was accepted is kept, through `kill -9` of the server and through the death of the database. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { execFileSync } from "node:child_process"
import { chownSync, existsSync, readdirSync } from "node:fs"
import { userInfo } from "node:os"
import { dataFile, inDatabase } from "../../support/dataFiles.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { connect, type TestClient } from "../../support/TestClient.ts"
import { until } from "../../support/until.ts"

const rounds = Number(process.env["KILL_ROUNDS"] ?? 10)
const senders = 20

interface Row {
  readonly conversation: string
  readonly seq: number
  readonly sender: string
  readonly client_id: string
}

/** Every sender keeps one message in flight; `accepted` gathers the answers. */
const underLoad = Effect.fnUntraced(function*(port: number, round: number, accepted: Set<string>) {
  const clients: Array<TestClient> = []
  for (let i = 0; i < senders; i++) {
    const client = yield* connect({ port, user: `user${i}`, level: "v1", device: "d" })
    clients.push(client)
    let n = 0
    const send = () =>
      client.send({
        type: "chat_message",
        id: `${round}-${n++}`,
        recipient: `user${(i + 1) % 4}`,
        text: "x".repeat(50)
      })
    client.ws.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { type: string; id?: string }
      if (frame.type === "message_accepted") accepted.add(`user${i} ${frame.id}`)
      if (frame.type === "message_accepted" || frame.type === "error") send()
    })
    send()
  }
  return clients
})

const checkRows = (rows: ReadonlyArray<Row>, accepted: ReadonlySet<string>) => {
  const kept = rows.map(({ client_id, sender }) => `${sender} ${client_id}`)
  assert.strictEqual(new Set(kept).size, kept.length, "each message is there once")
  const keptSet = new Set(kept)
  for (const key of accepted) assert.isTrue(keptSet.has(key), `${key} was accepted and is gone`)
  const heads = new Map<string, number>()
  for (const { conversation, seq } of rows) {
    assert.strictEqual(Number(seq), (heads.get(conversation) ?? 0) + 1, `${conversation} is contiguous`)
    heads.set(conversation, Number(seq))
  }
}

const query = "SELECT conversation, seq, sender, client_id FROM entries ORDER BY conversation, seq"

describe("P1", () => {
  it.live(`SQLite: ${rounds} times kill -9 under load`, () =>
    Effect.gen(function*() {
      const data = yield* dataFile
      const accepted = new Set<string>()
      for (let round = 0; round < rounds; round++) {
        yield* Effect.scoped(Effect.gen(function*() {
          const server = yield* startServer(["--data", data])
          const goal = accepted.size + 200 + round * 37
          yield* underLoad(server.port, round, accepted)
          yield* until(Effect.sync(() => accepted.size >= goal))
          server.kill("SIGKILL")
          yield* server.exited
        }))
        // The query names the columns of `Row`.
        checkRows(inDatabase(data, (db) => db.prepare(query).all()) as unknown as ReadonlyArray<Row>, accepted)
      }
    }).pipe(Effect.scoped), 600_000)

  const binaries = existsSync("/usr/lib/postgresql")
    ? readdirSync("/usr/lib/postgresql").sort().map((v) => `/usr/lib/postgresql/${v}/bin`).at(-1)
    : undefined
  const canRunPostgres = binaries !== undefined && userInfo().uid === 0
  if (!canRunPostgres) {
    if (process.env["CI"] !== undefined) throw new Error("CI needs the Postgres binaries and root to kill a database.")
    process.stderr.write("\n!!! SKIPPED: no Postgres binaries (or not root), so no database is killed.\n\n")
  }

  it.live.skipIf(!canRunPostgres)(
    "Postgres: the database is killed under load, three times",
    () =>
      Effect.gen(function*() {
        const port = 15_432 + (process.pid % 1_000)
        const as = (command: string) => execFileSync("su", ["postgres", "-c", command], { stdio: "ignore" })
        const data = yield* Effect.flatMap(temporaryDirectory, (path) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              const uid = Number(execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }))
              chownSync(path, uid, uid)
              as(`${binaries}/initdb -A trust -D ${path}`)
              return path
            }),
            () =>
              Effect.sync(() => {
                try {
                  as(`${binaries}/pg_ctl -D ${path} -m immediate stop`)
                } catch {
                  // It was not running.
                }
              })
          ))
        const start = () =>
          as(
            `${binaries}/pg_ctl -D ${data} -w -l ${data}/log -o '-c listen_addresses=127.0.0.1 -k ${data} -p ${port}' start`
          )
        const kill = () => as(`${binaries}/pg_ctl -D ${data} -m immediate stop`)
        start()
        const url = `postgres://postgres@127.0.0.1:${port}/postgres`
        const server = yield* startServer(["--store", "postgres", "--database-url", url, "--log-format", "json"])
        const ready = Effect.promise(() => fetch(`http://127.0.0.1:${server.port}/health/ready`).then((r) => r.status))
        const accepted = new Set<string>()
        yield* underLoad(server.port, 0, accepted)
        for (let round = 0; round < 3; round++) {
          const goal = accepted.size + 200
          yield* until(Effect.sync(() => accepted.size >= goal))
          kill()
          yield* until(Effect.map(ready, (status) => status === 503))
          start()
          yield* until(Effect.map(ready, (status) => status === 200))
          const after = accepted.size
          yield* until(Effect.sync(() => accepted.size > after))
        }
        server.kill("SIGTERM")
        assert.strictEqual(yield* server.exited, 0, server.errors())
        const rows = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<Row>(query)).pipe(
          Effect.provide(PgClient.layer({ url: Redacted.make(url), maxConnections: 1 }))
        )
        checkRows(rows, accepted)
      }).pipe(Effect.scoped),
    120_000
  )
})
