/** 0 lifts a limit, each of those that have one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { decode } from "../../src/domain/FrameCodec.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { Authenticator, type ConnectRequest } from "../../src/services/access/Authenticator.ts"
import { Admission } from "../../src/services/admission/Admission.ts"
import { Settings, settingsTable } from "../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import * as Switchboard from "../../src/services/Switchboard.ts"
import { PendingConnections } from "../../src/services/transport/PendingConnections.ts"
import { actors, identity, join, pass, settle, story } from "../support/actors.ts"

const times = new Set(["drainMillis", "reconnectSpreadMillis"])

/** Everything that has a limit at 0. */
const lifted = Object.fromEntries(
  Object.keys(settingsTable).filter((name) => !times.has(name)).map((name) => [name, 0])
)

const request: ConnectRequest = {
  headers: {},
  query: new URLSearchParams(),
  remoteAddress: "127.0.0.1",
  address: "127.0.0.1",
  local: true
}

/** Whoever asks who somebody is hears it after an hour. */
const slowly = Switchboard.layer.pipe(
  Layer.provide(Layer.succeed(Authenticator, {
    authenticate: () => Effect.delay(Effect.succeed(identity("alice")), "1 hour"),
    verify: () => Effect.delay(Effect.succeed({ user: UserId.make("alice") }), "1 hour")
  })),
  Layer.provideMerge(Settings.layerOf(lifted)),
  Layer.provideMerge(MemoryMessageStore.layer())
)

describe("0 lifts a limit", () => {
  it("says so of itself", () => {
    for (const [name, { description }] of Object.entries(settingsTable)) {
      assert.strictEqual(description.includes("0 lifts it"), !times.has(name), name)
    }
  })

  story("a connection sends, sends badly, reads nothing and says nothing, and stays", function*() {
    const connection = yield* join("alice")
    for (let i = 0; i < 5_000; i++) {
      connection.send("bad")
      if (i % 50 === 49) yield* Effect.yieldNow
    }
    yield* settle
    assert.isUndefined(connection.closedWith)
    connection.stalled = true
    for (let i = 0; i < 100; i++) {
      yield* connection.says({ type: "chat_message", recipient: "alice", text: "x".repeat(16_000) })
    }
    assert.isAbove(connection.buffered(), Settings.defaults.maxOutboundBytes)
    yield* TestClock.adjust("1 hour")
    assert.deepStrictEqual([connection.closedWith, connection.pings], [undefined, 0])
    connection.stalled = false
    connection.send({
      type: "create_group",
      id: "g",
      name: "tea",
      members: Array.from({ length: 1_024 }, (_, i) => `u${i}`)
    })
    yield* Effect.repeat(settle, { times: 20 })
    const group = connection.all("group_info").at(-1)?.group
    connection.send({ type: "add_members", id: "a", group, members: ["bob", "carol"] })
    yield* Effect.repeat(settle, { times: 20 })
    assert.strictEqual(connection.all("group_info").at(-1)?.members.length, 1_027)
  }, actors(lifted))

  story("who asks at the door, or to be prolonged, waits for as long as that takes to find out", function*() {
    const asked = yield* Effect.forkChild((yield* Admission).identify(request))
    yield* settle
    const alice = yield* join("alice")
    assert.isEmpty(yield* alice.says({ type: "refresh_auth", id: "r", token: "alice" }))
    alice.take()
    yield* TestClock.adjust("59 minutes")
    assert.deepStrictEqual([asked.pollUnsafe(), alice.take()], [undefined, []])
    yield* pass("1 minute")
    assert.strictEqual((yield* Fiber.join(asked)).user, "alice")
    assert.deepStrictEqual<ReadonlyArray<object>>(alice.take(), [{ type: "authenticated", id: "r" }])
  }, slowly)

  it("a text, and connections that are not through", () => {
    const text = JSON.stringify({ type: "chat_message", recipient: "bob", text: "x".repeat(1_000_000) })
    assert.deepStrictEqual([decode(text, 0)._tag, decode(text, 16_384)._tag], ["Frame", "Invalid"])
    assert.strictEqual(new PendingConnections(0).size, 0)
  })
})
