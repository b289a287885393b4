/** The lives of GroupActors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { GroupId } from "../../src/domain/Ids.ts"
import { Groups, idleMillis } from "../../src/services/Groups.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, StoreError } from "../../src/services/storage/MessageStore.ts"
import { actors, settle, startUser } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"

const join = Effect.fnUntraced(function*(user: string) {
  const { connection } = yield* startUser(user, { level: "v1" })
  yield* settle
  return connection
})

const ask = Effect.fnUntraced(function*(connection: MemoryConnection, frame: object) {
  const before = connection.written.length
  connection.receive(frame)
  yield* settle
  return connection.written.slice(before)
})

const create = Effect.fnUntraced(function*(connection: MemoryConnection, members: ReadonlyArray<string>) {
  const info = (yield* ask(connection, { type: "create_group", name: "tea", members })).find((frame) =>
    frame.type === "group_info"
  )
  return info?.type === "group_info" ? info.group : assert.fail("no group")
})

const flaky = (broken: { now: boolean }) =>
  Layer.effect(
    MessageStore,
    Effect.map(MessageStore, (store) => ({
      ...store,
      group: (group: GroupId) =>
        broken.now
          ? Effect.fail(new StoreError({ kind: "unavailable", message: "away" }))
          : store.group(group)
    }))
  ).pipe(Layer.provide(MemoryMessageStore.layer()))

describe("Groups", () => {
  it.effect("an idle group is let go, and is as it was when somebody comes back to it", () =>
    Effect.gen(function*() {
      const groups = yield* Groups
      const alice = yield* join("alice")
      const group = yield* create(alice, ["bob"])
      assert.strictEqual(yield* groups.size, 1)
      alice.pong()
      // In steps, with signs of life, because the heartbeat goes on meanwhile.
      for (let passed = 0; passed < idleMillis * 2; passed += 20_000) {
        yield* TestClock.adjust(20_000)
        alice.pong()
      }
      yield* settle
      assert.strictEqual(yield* groups.size, 0)
      const answer = yield* ask(alice, { type: "chat_message", id: "1", group, text: "still here?" })
      assert.deepStrictEqual(answer.map(({ type }) => type), ["message_accepted"])
      assert.strictEqual(yield* groups.size, 1)
    }).pipe(Effect.provide(actors())))

  it.effect("P9 asking for a thousand groups that are not there leaves none behind", () =>
    Effect.gen(function*() {
      const groups = yield* Groups
      const alice = yield* join("alice")
      for (let i = 0; i < 1_000; i++) {
        const answer = yield* ask(alice, { type: "chat_message", group: `none${i}`, text: "anybody?" })
        assert.strictEqual(answer[0]?.type, "error")
      }
      assert.strictEqual(yield* groups.size, 0)
    }).pipe(Effect.provide(actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))))

  it.effect("a store that does not answer is a temporary error, and the next try finds the group", () => {
    const broken = { now: false }
    return Effect.gen(function*() {
      const groups = yield* Groups
      const alice = yield* join("alice")
      const group = yield* create(alice, ["bob"])
      for (let i = 0; i < 6; i++) {
        yield* TestClock.adjust(20_000)
        alice.pong()
      }
      yield* settle
      assert.strictEqual(yield* groups.size, 0)
      broken.now = true
      const frame = { type: "chat_message", id: "1", group, text: "hi" }
      const [refused] = yield* ask(alice, frame)
      assert.deepStrictEqual(refused?.type === "error" && [refused.code, refused.temporary], ["unavailable", true])
      broken.now = false
      assert.deepStrictEqual((yield* ask(alice, frame)).map(({ type }) => type), ["message_accepted"])
    }).pipe(Effect.provide(actors({}, flaky(broken))))
  })

  it.effect("P6 ephemeral frames are dropped for a slow connection, entries of the log never", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      const group = yield* create(alice, ["bob"])
      yield* ask(bob, { type: "ping" })
      bob.stalled = true
      const text = "x".repeat(10_000)
      for (let i = 0; i < 8; i++) yield* ask(alice, { type: "chat_message", group, text })
      assert.isAbove(bob.buffered(), 65_536)
      yield* ask(alice, { type: "typing", group, active: true })
      yield* ask(alice, { type: "read", conversation: `group:${group}`, up_to: 5 })
      yield* TestClock.adjust(1_000)
      yield* settle
      for (let i = 0; i < 8; i++) yield* ask(alice, { type: "chat_message", group, text })
      const count = (type: string) => bob.written.filter((frame) => frame.type === type).length
      assert.deepStrictEqual([count("incoming_message"), count("typing"), count("receipt")], [16, 0, 0])
    }).pipe(Effect.provide(actors())))
})
