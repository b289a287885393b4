import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { NoHeartbeat } from "../../src/domain/CloseCode.ts"
import { Heartbeat } from "../../src/services/user/Heartbeat.ts"
import { actors, makeRef, settle, startUser } from "../support/actors.ts"
import { includes } from "../support/includes.ts"

describe("Heartbeat", () => {
  it.effect("a silent client is pinged at 25 s and closed with 4005 at 35 s", () =>
    Effect.gen(function*() {
      const { connection } = yield* startUser("alice")
      yield* TestClock.adjust("24 seconds")
      assert.strictEqual(connection.pings, 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(connection.pings, 1)
      yield* TestClock.adjust("9 seconds")
      assert.isUndefined(connection.closedWith)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(connection.closedWith, NoHeartbeat)
      yield* settle
      assert.strictEqual(yield* (yield* Heartbeat).size, 0)
    }).pipe(Effect.provide(actors())))

  it.effect("any traffic postpones it: frames, bad frames, pongs", () =>
    Effect.gen(function*() {
      const { connection } = yield* startUser("alice")
      yield* settle
      for (
        const sign of [() => connection.receive({ type: "ping" }), () =>
          connection.receive("bad"), () =>
          connection.pong()]
      ) {
        yield* TestClock.adjust("20 seconds")
        sign()
      }
      // 60 s have passed, the last sign of life came just now.
      yield* TestClock.adjust("24 seconds")
      assert.strictEqual(connection.pings, 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(connection.pings, 1)
      connection.pong()
      yield* TestClock.adjust("24 seconds")
      assert.isUndefined(connection.closedWith)
      yield* TestClock.adjust("11 seconds")
      assert.strictEqual(connection.closedWith, NoHeartbeat)
    }).pipe(Effect.provide(actors())))

  it.effect("at level v1 a ping frame goes with it, at level plain only the protocol's ping", () =>
    Effect.gen(function*() {
      const plain = yield* startUser("alice")
      const v1 = yield* startUser("bob", { level: "v1" })
      yield* TestClock.adjust("25 seconds")
      yield* settle
      assert.deepStrictEqual(plain.connection.written, [])
      assert.deepStrictEqual(v1.connection.written.map((f) => f.type), ["welcome", "ping"])
    }).pipe(Effect.provide(actors())))

  it.effect("P5 the heads of unconfirmed conversations travel with it", () =>
    Effect.gen(function*() {
      const alice = yield* startUser("alice", { level: "v1" })
      const bob = yield* startUser("bob", { level: "v1" })
      yield* settle
      for (const text of ["one", "two"]) alice.connection.receive({ type: "chat_message", recipient: "bob", text })
      yield* TestClock.adjust("25 seconds")
      yield* settle
      includes(bob.connection.written, { type: "ping", heads: { "dm:alice:bob": 2 } })
      bob.connection.receive({ type: "received", conversation: "dm:alice:bob", up_to: 2 })
      yield* TestClock.adjust("25 seconds")
      yield* settle
      assert.deepStrictEqual(bob.connection.written.at(-1), { type: "ping" })
    }).pipe(Effect.provide(actors())))

  it.effect("while the server itself has stopped reading, silence is not held against the client", () =>
    Effect.gen(function*() {
      const heartbeat = yield* Heartbeat
      const { connection, ref } = yield* makeRef("alice")
      heartbeat.watch(ref)
      for (let i = 0; i < 100; i++) ref.onFrame({ _tag: "Frame", frame: { type: "ping" } })
      yield* TestClock.adjust("5 minutes")
      assert.isUndefined(connection.closedWith)
      ref.handled(100)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(connection.closedWith, NoHeartbeat)
    }).pipe(Effect.scoped, Effect.provide(actors())))

  it.effect("10,000 silent connections without a fiber or timer each", () =>
    Effect.gen(function*() {
      const heartbeat = yield* Heartbeat
      const peers = yield* Effect.forEach(Array.from({ length: 10_000 }), (_, i) =>
        Effect.tap(makeRef(`user${i}`), ({ ref }) => Effect.sync(() => heartbeat.watch(ref))))
      assert.strictEqual(yield* heartbeat.size, 10_000)
      // Every tenth shows life at 30 s; the others are gone at 35 s.
      yield* TestClock.adjust("30 seconds")
      for (let i = 0; i < peers.length; i += 10) {
        peers[i]!.ref.onPong()
      }
      yield* TestClock.adjust("5 seconds")
      const gone = peers.filter(({ connection }) =>
        connection.closedWith === NoHeartbeat
      )
      assert.strictEqual(gone.length, 9_000)
      yield* TestClock.adjust("30 seconds")
      assert.isTrue(peers.every(({ connection }) => connection.closedWith === NoHeartbeat))
    }).pipe(Effect.scoped, Effect.provide(actors())))
})
