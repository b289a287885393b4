/** Several servers from the command line: on one database, without a flag, and with a Redis between them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { freshDatabase, hasPostgres } from "../support/postgres.ts"
import { hasRedis, redisUrl } from "../support/redis.ts"
import { refuses, root, type ServerProcess, startServer } from "../support/ServerProcess.ts"
import { connect } from "../support/TestClient.ts"
import { until } from "../support/until.ts"

const documented = /## Several servers.*?```sh\nnpx switchboard serve (.*?)```/s.exec(
  readFileSync(join(root, "docs/operations.md"), "utf8")
)![1]!.replaceAll("\\\n", " ").trim().split(/\s+/)

interface Health {
  readonly status: string
  readonly node: string
  readonly bus: { readonly kind: string; readonly status: string }
  readonly nodes: ReadonlyArray<{ readonly node: string; readonly status: string }>
}

const healthOf = ({ port }: ServerProcess) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}/health/ready`).then((it) => it.json() as Promise<Health>))

const talk = Effect.fnUntraced(function*(a: ServerProcess, b: ServerProcess, kind: string) {
  yield* until(Effect.map(healthOf(a), ({ nodes }) => nodes.length === 1))
  yield* until(Effect.map(healthOf(b), ({ bus }) => bus.status === "up"))
  const [one, other] = [yield* healthOf(a), yield* healthOf(b)]
  assert.deepStrictEqual(one, {
    status: "ready",
    node: one.node,
    bus: { kind, status: "up" },
    nodes: [{ node: other.node, status: "up" }]
  })
  const [alice, bob] = [
    yield* connect({ port: a.port, user: "alice", level: "v1" }),
    yield* connect({ port: b.port, user: "bob", level: "v1" })
  ]
  alice.send({ type: "chat_message", recipient: "bob", text: "hello" })
  assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "hello")
})

describe.skipIf(!hasPostgres)("several servers", () => {
  it.live("twice on one database just works", () =>
    Effect.gen(function*() {
      const flags = [
        "--store",
        "postgres",
        "--database-url",
        yield* freshDatabase("cli_twice"),
        "--reconnect-spread-ms",
        "500"
      ]
      const [a, b] = [yield* startServer(flags), yield* startServer(flags)]
      yield* talk(a, b, "postgres")
      // Who has gone is not there any more, and the log says so.
      b.kill("SIGTERM")
      assert.strictEqual(yield* b.exited, 0, b.errors())
      yield* until(Effect.map(healthOf(a), ({ nodes }) => nodes.length === 0))
      assert.match(a.output(), /Node\.joined/)
      assert.match(a.output(), /Node\.left/)
    }).pipe(Effect.scoped))

  it.live.skipIf(!hasRedis)("with a Redis, as docs/operations.md says it", () =>
    Effect.gen(function*() {
      const own: Readonly<Record<string, string>> = {
        "--port": "0",
        "--database-url": yield* freshDatabase("cli_redis"),
        "--redis-url": Redacted.value(redisUrl)
      }
      const flags = documented.map((flag, i) => own[documented[i - 1] ?? ""] ?? flag)
      assert.includeMembers(flags, Object.values(own))
      yield* talk(yield* startServer(flags), yield* startServer(flags), "redis")
    }).pipe(Effect.scoped))

  it.live("what makes no sense is one sentence at the start", () =>
    Effect.gen(function*() {
      yield* refuses(
        ["serve", "--store", "memory", "--redis-url", "redis://localhost"],
        /--redis-url is for several servers on one database: add --store postgres/
      )
      yield* refuses(["serve", "--redis-url", "redis://localhost"], /add --store postgres, or leave it out/)
      const flags = ["serve", "--store", "postgres", "--database-url", yield* freshDatabase("cli_wrong")]
      yield* refuses([...flags, "--redis-url", "http://localhost"], /The URL of Redis cannot be read/)
    }).pipe(Effect.scoped))
})
