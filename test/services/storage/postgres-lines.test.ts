/** A Postgres behind a line that goes silent, is cut, or is slow: docs/operations.md says what happens then. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { freshSchema, hasPostgres, postgresUrl } from "../../support/postgres.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { type TcpProxy, tcpProxy } from "../../support/tcpProxy.ts"
import { connect, type TestClient } from "../../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

const through = (proxy: TcpProxy) => {
  const url = new URL(Redacted.value(postgresUrl))
  url.hostname = "127.0.0.1"
  url.port = String(proxy.port)
  return url.href
}

const toPostgres = Effect.suspend(() => {
  const { hostname, port } = new URL(Redacted.value(postgresUrl))
  return tcpProxy({ host: hostname, port: Number(port || 5_432) })
})

/** A server whose lines to its database go through a proxy. */
const behindProxy = <A, E>(
  schema: string,
  test: (proxy: TcpProxy, port: number) => Effect.Effect<A, E, Scope.Scope>
) =>
  Effect.gen(function*() {
    const proxy = yield* toPostgres
    const name = yield* freshSchema(schema)
    const store = PostgresMessageStore.layer({ url: Redacted.make(through(proxy)), schema: name })
    const context = yield* Layer.build(testServer({ store, settings: unlimitedFrames }))
    return yield* Effect.flatMap(TestServer, ({ port }) => test(proxy, port)).pipe(Effect.provide(context))
  }).pipe(Effect.scoped)

const ready = (port: number) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}/health/ready`).then((response) => response.status))

const say = Effect.fnUntraced(function*(client: TestClient, id: string) {
  client.send({ type: "chat_message", id, recipient: "bob", text: id })
  while (true) {
    const frame = yield* client.next
    if (frame.type === "message_accepted" && frame.id === id) return "accepted"
    if (frame.type === "error" && frame.id === id) return frame.code
  }
})

const page = Effect.fnUntraced(function*(client: TestClient, id: string) {
  client.send({ type: "history", id, recipient: "bob", after: 0 })
  while (true) {
    const frame = yield* client.next
    if (frame.type === "history_page" && frame.id === id) return frame.messages.length
    if (frame.type === "error" && frame.id === id) return frame.code
  }
})

const sayUntilAccepted = (client: TestClient, id: string) =>
  until(Effect.map(say(client, id), (answer) => answer === "accepted"))

describe.skipIf(!hasPostgres)("Postgres", () => {
  it.live(
    "lines that go silent while new ones work: unavailable, then new lines, nothing twice (P1 P3)",
    () =>
      behindProxy("life_silent", (proxy, port) =>
        Effect.gen(function*() {
          const alice = yield* connect({ port, user: "alice", level: "v1" })
          const bob = yield* connect({ port, user: "bob" })
          assert.strictEqual(yield* say(alice, "1"), "accepted")
          proxy.silence()
          assert.strictEqual(yield* say(alice, "2"), "unavailable")
          yield* sayUntilAccepted(alice, "2")
          assert.strictEqual(yield* ready(port), 200)
          assert.strictEqual(yield* page(alice, "h"), 2)
          // At least once, and in order.
          const heard = new Set<number>()
          while (!heard.has(2)) heard.add((yield* bob.expect("incoming_message")).seq)
          assert.deepStrictEqual(Array.from(heard), [1, 2])
        })),
    60_000
  )

  it.live(
    "as many dead lines as the pool has: all who wait are answered, and new lines are made",
    () =>
      behindProxy("life_pool", (proxy, port) =>
        Effect.gen(function*() {
          const all = yield* Effect.forEach(
            Array.from({ length: 24 }, (_, i) => i),
            (i) => connect({ port, user: `user${i}` }),
            {
              concurrency: 8
            }
          )
          // As many lines as there may be: one is made only where all that there are have something to do.
          const ask = Effect.forEach(all, (client) => page(client, "a"), { concurrency: "unbounded" })
          yield* until(Effect.map(ask, () => proxy.open() === 8))
          proxy.silence()
          const answers = yield* Effect.forEach(all, (client) => page(client, "b"), { concurrency: "unbounded" })
          assert.deepStrictEqual(Array.from(new Set(answers)), ["unavailable"])
          yield* until(Effect.map(page(all[0]!, "c"), (answer) => answer === 0))
          const again = yield* Effect.forEach(all, (client) => page(client, "d"), { concurrency: "unbounded" })
          assert.deepStrictEqual(Array.from(new Set(again)), [0])
        })),
    60_000
  )

  it.live(
    "a database that is cut off and comes back, several times",
    () =>
      behindProxy("life_refuse", (proxy, port) =>
        Effect.gen(function*() {
          const alice = yield* connect({ port, user: "alice", level: "v1" })
          for (let i = 0; i < 3; i++) {
            yield* sayUntilAccepted(alice, `${i}`)
            proxy.refuse()
            assert.strictEqual(yield* say(alice, `${i}x`), "unavailable")
            assert.strictEqual(yield* page(alice, `h${i}`), "unavailable")
            assert.strictEqual(yield* ready(port), 503)
            proxy.pass()
            yield* until(Effect.map(ready(port), (status) => status === 200))
            yield* sayUntilAccepted(alice, `${i}x`)
          }
          // As a restart of the database does it.
          proxy.reset()
          yield* until(Effect.map(page(alice, "h"), (answer) => answer === 6))
        })),
    60_000
  )

  it.live(
    "a database far away is a slow one, and no more",
    () =>
      behindProxy("life_delay", (proxy, port) =>
        Effect.gen(function*() {
          const alice = yield* connect({ port, user: "alice", level: "v1" })
          proxy.delay(100)
          proxy.reset()
          yield* until(Effect.map(page(alice, "h"), (answer) => answer === 0))
          // The lines that were reset may be noticed by the first that write.
          yield* until(Effect.map(say(alice, "1"), (answer) => answer === "accepted"))
          assert.strictEqual(yield* page(alice, "h2"), 1)
        })),
    60_000
  )

  it.live(
    "P10 a database that has gone silent holds up no stop; readiness says so before",
    () =>
      Effect.gen(function*() {
        const proxy = yield* toPostgres
        const schema = yield* freshSchema("life_stop")
        const url = new URL(through(proxy))
        url.searchParams.set("options", `-csearch_path=${schema}`)
        const server = yield* startServer(["--store", "postgres", "--database-url", url.href])
        const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
        assert.strictEqual(yield* say(alice, "1"), "accepted")
        proxy.silenceAll()
        assert.strictEqual(yield* say(alice, "2"), "unavailable")
        assert.strictEqual(yield* ready(server.port), 503)
        // What is under way when it stops has to do with the store, too.
        alice.send({ type: "history", id: "h", recipient: "bob", after: 0 })
        server.kill("SIGTERM")
        assert.strictEqual(yield* server.exited, 0, server.errors())
        assert.strictEqual(yield* alice.closed, 4001)
      }).pipe(Effect.scoped),
    60_000
  )
})
