import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { NoHeartbeat } from "../../../src/domain/CloseCode.ts"
import { Heartbeat } from "../../../src/services/user/Heartbeat.ts"
import { join, makeRef, pass, settle, startUser, story } from "../../support/actors.ts"
import { includes } from "../../support/includes.ts"

describe("Heartbeat", () => {
  story("a silent client is pinged at 25 s and closed with 4005 at 35 s", function*() {
    const { connection } = yield* startUser("alice")
    yield* TestClock.adjust("24 seconds")
    assert.strictEqual(connection.pings, 0)
    yield* TestClock.adjust("1 second")
    assert.strictEqual(connection.pings, 1)
    yield* TestClock.adjust("9 seconds")
    assert.isUndefined(connection.closedWith)
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual([connection.closedWith, connection.endedBy], [NoHeartbeat, "terminate"])
    yield* settle
    assert.strictEqual(yield* (yield* Heartbeat).size, 0)
  })

  story("any traffic postpones it: frames, bad frames, pongs", function*() {
    const connection = yield* join("alice", { level: "plain" })
    for (
      const sign of [() => connection.send({ type: "ping" }), () => connection.send("bad"), () => connection.pong()]
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
  })

  story("at level v1 a ping frame goes with it, at level plain only the protocol's ping", function*() {
    const plain = yield* startUser("alice")
    const v1 = yield* startUser("bob", { level: "v1" })
    yield* pass("25 seconds")
    assert.deepStrictEqual(plain.connection.heard, [])
    assert.deepStrictEqual(v1.connection.heard.map((f) => f.type), ["welcome", "ping"])
  })

  story("P5 the heads of unconfirmed conversations travel with it", function*() {
    const alice = yield* startUser("alice", { level: "v1" })
    const bob = yield* startUser("bob", { level: "v1" })
    yield* settle
    for (const text of ["one", "two"]) alice.connection.send({ type: "chat_message", recipient: "bob", text })
    yield* pass("25 seconds")
    includes(bob.connection.heard, { type: "ping", heads: { "dm:alice:bob": 2 } })
    bob.connection.send({ type: "received", conversation: "dm:alice:bob", up_to: 2 })
    yield* pass("25 seconds")
    assert.deepStrictEqual(bob.connection.heard.at(-1), { type: "ping" })
  })

  story("while the server itself has stopped reading, silence is not held against the client", function*() {
    const heartbeat = yield* Heartbeat
    const { connection, ref } = yield* makeRef("alice")
    heartbeat.watch(ref)
    for (let i = 0; i < 100; i++) ref.onFrame({ _tag: "Frame", frame: { type: "ping" } })
    yield* TestClock.adjust("5 minutes")
    assert.isUndefined(connection.closedWith)
    ref.handled(100)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(connection.closedWith, NoHeartbeat)
  })

  story("10,000 silent connections without a fiber or timer each", function*() {
    const heartbeat = yield* Heartbeat
    const peers = yield* Effect.forEach(
      Array.from({ length: 10_000 }),
      (_, i) => Effect.tap(makeRef(`user${i}`), ({ ref }) => Effect.sync(() => heartbeat.watch(ref)))
    )
    assert.strictEqual(yield* heartbeat.size, 10_000)
    // Every tenth shows life at 30 s; the others are gone at 35 s.
    yield* TestClock.adjust("30 seconds")
    for (let i = 0; i < peers.length; i += 10) {
      peers[i]!.ref.onPong()
    }
    yield* TestClock.adjust("5 seconds")
    const gone = peers.filter(({ connection }) => connection.closedWith === NoHeartbeat)
    assert.strictEqual(gone.length, 9_000)
    yield* TestClock.adjust("30 seconds")
    assert.isTrue(peers.every(({ connection }) => connection.closedWith === NoHeartbeat))
  })
})
