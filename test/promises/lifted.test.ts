/** 0 lifts a limit, each of those that have one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { decode } from "../../src/domain/FrameCodec.ts"
import { Settings, settingsTable } from "../../src/services/Settings.ts"
import { PendingConnections } from "../../src/services/transport/PendingConnections.ts"
import { actors, join, settle, story } from "../support/actors.ts"

const times = new Set(["drainMillis", "reconnectSpreadMillis"])

/** Everything that has a limit at 0. */
const lifted = Object.fromEntries(
  Object.keys(settingsTable).filter((name) => !times.has(name)).map((name) => [name, 0])
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

  it("a text, and connections that are not through", () => {
    const text = JSON.stringify({ type: "chat_message", recipient: "bob", text: "x".repeat(1_000_000) })
    assert.deepStrictEqual([decode(text, 0)._tag, decode(text, 16_384)._tag], ["Frame", "Invalid"])
    assert.strictEqual(new PendingConnections(0).size, 0)
  })
})
