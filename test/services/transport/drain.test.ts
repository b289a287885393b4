/** P10: how clients leave a server that stops while there are others who take them. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer } from "effect"
import { connect as connectTo } from "node:net"
import { Gateway } from "../../../src/index.ts"
import { Authenticator } from "../../../src/services/access/Authenticator.ts"
import { Settings } from "../../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { spreadOf } from "../../../src/services/transport/drain.ts"
import { identity } from "../../support/actors.ts"
import { connect, open, type Refusal, roundTrip, type TestClient } from "../../support/TestClient.ts"
import { startTestServer, unlimitedFrames } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

const health = (port: number) =>
  Effect.promise(() =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(async (response) => [response.status, await response.json()])
  )

const isOpen = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = connectTo(port, "127.0.0.1")
    const answer = (open: boolean) => {
      socket.destroy()
      resume(Effect.succeed(open))
    }
    socket.once("connect", () => answer(true))
    socket.once("error", () => answer(false))
  })

const isHere = ({ ws }: TestClient) => ws.readyState === ws.OPEN

describe("the time over which clients go", () => {
  const spread = (clients: number, others: number, settings = {}) =>
    spreadOf({ ...Settings.defaults, ...settings }, clients, others)

  it("is the one that is set, or what the others need at half of their rate, and never more than ten minutes", () => {
    assert.strictEqual(spread(0, 1), 5_000)
    assert.strictEqual(spread(1_250, 1), 5_000)
    assert.strictEqual(spread(10_000, 1), 40_000)
    assert.strictEqual(spread(10_000, 4), 10_000)
    assert.strictEqual(spread(1_000_000, 1), 600_000)
    assert.strictEqual(spread(1_000_000, 1, { maxConnectionsPerSecond: 0 }), 5_000)
    assert.strictEqual(spread(10, 1, { reconnectSpreadMillis: 900_000 }), 900_000)
  })
})

describe("a server that stops and is not alone", () => {
  it.live("goes on serving, lets nobody in, and ends when the last has gone by themselves", () =>
    Effect.gen(function*() {
      const settings = { reconnectSpreadMillis: 600_000 }
      const { context, port, stop } = yield* startTestServer({ others: 1, settings })
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      assert.strictEqual(yield* Context.get(context, Gateway).longestDrain, 603_000)
      const stopping = yield* Effect.forkChild(stop)
      const draws = [yield* alice.waitFor("draining"), yield* bob.waitFor("draining")]
      for (const { reconnect_after_ms } of draws) assert.isAtMost(reconnect_after_ms, 600_000)
      assert.notStrictEqual(draws[0]!.reconnect_after_ms, draws[1]!.reconnect_after_ms)

      assert.deepStrictEqual(yield* health(port), [503, { status: "not ready", reason: "stopping" }])
      const refusal: Refusal = yield* Effect.flip(open({ port, user: "carol" }))
      assert.strictEqual(refusal.status, 503)
      for (let i = 0; i < 20; i++) {
        yield* alice.ask({ type: "chat_message", recipient: "bob", text: `${i}` }, "message_accepted")
        yield* bob.waitFor("incoming_message", ({ text }) => text === `${i}`)
      }
      alice.close()
      assert.strictEqual(yield* alice.closed, 1000)
      yield* roundTrip(bob)
      assert.isUndefined(stopping.pollUnsafe())
      bob.close()
      yield* Fiber.await(stopping)
      assert.isFalse(yield* isOpen(port))
    }).pipe(Effect.scoped))

  it.live("who was still being asked for their name is sent elsewhere", () =>
    Effect.gen(function*() {
      const answer = yield* Deferred.make<void>()
      let asked = 0
      const authenticator = Layer.succeed(Authenticator, {
        mode: "custom" as const,
        authenticate: ({ headers }) => {
          const user = String(headers["phone-number"])
          if (user === "alice") return Effect.succeed(identity(user))
          asked++
          return Effect.as(Deferred.await(answer), identity(user))
        }
      })
      const { port, stop } = yield* startTestServer({
        others: 1,
        authenticator,
        settings: { reconnectSpreadMillis: 60_000 }
      })
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const late = yield* Effect.forkChild(Effect.flip(open({ port, user: "late" })))
      yield* until(Effect.sync(() => asked === 1))
      const stopping = yield* Effect.forkChild(stop)
      yield* alice.waitFor("draining")
      yield* Deferred.succeed(answer, undefined)
      assert.strictEqual((yield* Fiber.join(late)).status, 503)
      alice.close()
      yield* Fiber.await(stopping)
    }).pipe(Effect.scoped))

  it.live("P4 plain clients, who are told nothing, are closed one after the other, and have everything elsewhere", () =>
    Effect.gen(function*() {
      const { context, port, stop } = yield* startTestServer({
        others: 1,
        store: MemoryMessageStore.layer({ keep: 1_000_000 }),
        settings: { ...unlimitedFrames, reconnectSpreadMillis: 1_000 }
      })
      const store = Layer.succeed(MessageStore, Context.get(context, MessageStore))
      const b = yield* startTestServer({ store })
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const names = Array.from({ length: 5 }, (_, i) => `user${i}`)
      const plain = yield* Effect.forEach(names, (user) => connect({ port, user }))
      const begin = performance.now()
      const goneAt: Array<number> = []
      for (const { ws } of plain) ws.once("close", () => goneAt.push(performance.now() - begin))
      const stopping = yield* Effect.forkChild(stop)
      let said = 0
      while (plain.some(isHere)) {
        said++
        yield* Effect.forEach(
          names,
          (recipient) => alice.ask({ type: "chat_message", recipient, text: `${said}` }, "message_accepted"),
          { concurrency: "unbounded" }
        )
      }
      assert.deepStrictEqual(yield* Effect.forEach(plain, ({ closed }) => closed), [4001, 4001, 4001, 4001, 4001])
      // One each fifth of a second; a machine that is busy is late, and never early, nor as late as those who do not go.
      goneAt.forEach((millis, i) => assert.isAtLeast(millis, 200 * (i + 1) - 20))
      assert.isBelow(goneAt.at(-1)!, 3_000)
      alice.close()
      yield* Fiber.await(stopping)
      for (const { seqs, user } of plain) {
        const again = yield* connect({ port: b.port, user })
        const missed = Array.from({ length: said - seqs.length }, (_, i) => seqs.length + i + 1)
        for (const seq of missed) assert.strictEqual((yield* again.expect("incoming_message")).seq, seq)
        yield* roundTrip(again)
        assert.deepStrictEqual([...seqs, ...again.seqs], Array.from({ length: said }, (_, i) => i + 1))
      }
    }).pipe(Effect.scoped))

  it.live("who does not go is closed two seconds after the last one's time, with the answers to all that they said", () =>
    Effect.gen(function*() {
      const { port, stop } = yield* startTestServer({ others: 1, settings: { reconnectSpreadMillis: 100 } })
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const begin = performance.now()
      const stopping = yield* Effect.forkChild(stop)
      yield* alice.waitFor("draining")
      let said = 0
      while (isHere(alice)) {
        alice.send({ type: "chat_message", id: `m${said++}`, recipient: "bob", text: "hi" })
        yield* Effect.raceFirst(alice.waitFor("message_accepted"), alice.closed)
      }
      assert.strictEqual(yield* alice.closed, 4001)
      assert.isAtLeast(performance.now() - begin, 2_000)
      assert.isAtLeast(alice.all("message_accepted").length, said - 1)
      yield* Fiber.await(stopping)
    }).pipe(Effect.scoped))
})

describe("a server that stops and is alone", () => {
  it.live("closes its port and all connections at once", () =>
    Effect.gen(function*() {
      const { context, port, stop } = yield* startTestServer()
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const bob = yield* connect({ port, user: "bob" })
      assert.strictEqual(yield* Context.get(context, Gateway).longestDrain, 1_000)
      const stopping = yield* Effect.forkChild(stop)
      yield* alice.waitFor("draining")
      assert.isFalse(yield* isOpen(port))
      assert.deepStrictEqual([yield* alice.closed, yield* bob.closed], [4001, 4001])
      yield* Fiber.await(stopping)
    }).pipe(Effect.scoped))
})
