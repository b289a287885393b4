/** The lives of GroupActors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { idleMillis } from "../../../src/services/group/ActiveGroups.ts"
import { Groups } from "../../../src/services/group/Groups.ts"
import { unknownMillis } from "../../../src/services/group/Unknown.ts"
import { StoreError } from "../../../src/services/storage/MessageStore.ts"
import { actors, join, settle, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { memoryWith } from "../../support/stores.ts"

const create = Effect.fnUntraced(function*(connection: MemoryConnection, members: ReadonlyArray<string>) {
  const info = (yield* connection.says({ type: "create_group", name: "tea", members })).find((frame) =>
    frame.type === "group_info"
  )
  return info?.type === "group_info" ? info.group : assert.fail("no group")
})

const flaky = (broken: { now: boolean }) =>
  memoryWith((store) => ({
    group: (group) =>
      broken.now
        ? Effect.fail(new StoreError({ kind: "unavailable", message: "away" }))
        : store.group(group)
  }))

/** A store that is `millis` away, and tells how often it was asked about groups; its commits are at once. */
const farAway = (millis: number, asked: { count: number }) => {
  const slow = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      asked.count++
      return Effect.andThen(Effect.sleep(millis), effect)
    })
  return memoryWith((store) => ({
    group: (group) => slow(store.group(group)),
    groupHead: (group) => slow(store.groupHead(group)),
    membership: (conversation, user) => slow(store.membership(conversation, user)),
    wasMember: (conversation, user) => slow(store.wasMember(conversation, user))
  }))
}

/** A store whose next commit is kept, while its answer is lost. */
const answerLost = (lost: { next: boolean }) =>
  memoryWith((store) => ({
    commit: (...batch) =>
      Effect.flatMap(store.commit(...batch), (answer) => {
        if (!lost.next || batch[0].length === 0) return Effect.succeed(answer)
        lost.next = false
        return Effect.fail(new StoreError({ kind: "unavailable", message: "no answer" }))
      })
  }))

const unlimited = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }

/** Time goes by, and everybody has their turn in each millisecond of it. */
const pass = (millis: number) =>
  Effect.repeat(Effect.andThen(settle, TestClock.adjust(1)), { times: millis }).pipe(Effect.andThen(settle))

const codes = (frames: ReadonlyArray<ServerFrame>) =>
  frames.map((frame) => frame.type === "error" ? frame.code : frame.type)

describe("Groups", () => {
  story("an idle group is let go, and is as it was when somebody comes back to it", function*() {
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
    const answer = yield* alice.says({ type: "chat_message", id: "1", group, text: "still here?" })
    assert.deepStrictEqual(answer.map(({ type }) => type), ["message_accepted"])
    assert.strictEqual(yield* groups.size, 1)
  })

  story("P9 asking for a thousand groups that are not there leaves none behind", function*() {
    const groups = yield* Groups
    const alice = yield* join("alice")
    for (let i = 0; i < 1_000; i++) {
      const answer = yield* alice.says({ type: "chat_message", group: `none${i}`, text: "anybody?" })
      assert.strictEqual(answer[0]?.type, "error")
    }
    assert.strictEqual(yield* groups.size, 0)
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))

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
      const [refused] = yield* alice.says(frame)
      assert.deepStrictEqual(refused?.type === "error" && [refused.code, refused.temporary], ["unavailable", true])
      broken.now = false
      assert.deepStrictEqual((yield* alice.says(frame)).map(({ type }) => type), ["message_accepted"])
    }).pipe(Effect.provide(actors({}, flaky(broken))))
  })

  it.effect("P8 P4 a change that was made although its answer was lost holds from the next message on", () => {
    const lost = { next: false }
    return Effect.gen(function*() {
      const [alice, bob, carol] = [yield* join("alice"), yield* join("bob"), yield* join("carol")]
      const group = yield* create(alice, ["bob"])
      lost.next = true
      const remove = { type: "remove_members", group, members: ["bob"] }
      assert.strictEqual(codes(yield* alice.says(remove))[0], "unavailable")
      const before = bob.heard.length
      assert.include(
        codes(yield* alice.says({ type: "chat_message", id: "1", group, text: "secret" })),
        "message_accepted"
      )
      assert.deepStrictEqual(codes(bob.heard.slice(before)), [])
      lost.next = true
      assert.strictEqual(codes(yield* alice.says({ type: "add_members", group, members: ["carol"] }))[0], "unavailable")
      yield* alice.says({ type: "chat_message", group, text: "welcome" })
      assert.include(codes(carol.heard), "incoming_message")
      assert.isFalse(carol.heard.some((frame) => frame.type === "incoming_message" && frame.text === "secret"))
      assert.deepStrictEqual(codes(yield* alice.says({ ...remove, members: ["carol"] })).includes("group_info"), true)
    }).pipe(Effect.provide(actors({}, answerLost(lost))))
  })

  it.effect("P9 on a store that is far away, whoever asks for groups that are not there waits for themselves", () => {
    const asked = { count: 0 }
    return Effect.gen(function*() {
      const [alice, mallory] = [yield* join("alice"), yield* join("mallory")]
      alice.send({ type: "create_group", name: "tea", members: ["bob"] })
      yield* pass(20)
      const info = alice.all("group_info")[0]
      const group = info?.type === "group_info" ? info.group : assert.fail()
      for (let passed = 0; passed < idleMillis * 2; passed += 20_000) {
        yield* TestClock.adjust(20_000)
        alice.pong()
        mallory.pong()
      }
      asked.count = 0
      const before = mallory.heard.length
      for (let i = 0; i < 60; i++) mallory.send({ type: "chat_message", group: `none${i}`, text: "anybody?" })
      yield* settle
      alice.send({ type: "chat_message", id: "1", group, text: "hi" })
      yield* pass(6)
      assert.include(codes(alice.heard), "message_accepted")
      // One question at a time for each, and those who wait are heard in the end.
      assert.isAtMost(asked.count, 5)
      yield* pass(600)
      const told = codes(mallory.heard.slice(before)).filter((code) => code !== "ping")
      assert.deepStrictEqual(told, Array.from({ length: 60 }, () => "not_found"))
      const groups = yield* Groups
      assert.strictEqual(yield* groups.size, 1)
    }).pipe(Effect.provide(actors(unlimited, farAway(3, asked))))
  })

  it.effect("P9 a group's own members do not wait for the questions of strangers, nor of one of them", () => {
    const asked = { count: 0 }
    return Effect.gen(function*() {
      const [alice, bob, mallory] = [yield* join("alice"), yield* join("bob"), yield* join("mallory")]
      alice.send({ type: "create_group", name: "tea", members: ["bob"] })
      yield* pass(20)
      const info = alice.all("group_info")[0]
      const group = info?.type === "group_info" ? info.group : assert.fail()
      for (let i = 0; i < 60; i++) {
        mallory.send({ type: "group_info", group })
        mallory.send({ type: "chat_message", group, text: "let me in", id: `${i}` })
        bob.send({ type: "group_info", group })
        bob.send({ type: "rename_group", group, name: "bob's", id: `${i}` })
      }
      yield* settle
      yield* alice.says({ type: "chat_message", id: "1", group, text: "hi" })
      assert.strictEqual(alice.heard.at(-1)?.type, "message_accepted")
      yield* pass(600)
      const count = (connection: MemoryConnection) => {
        const counts: Record<string, number> = {}
        for (const code of codes(connection.heard)) counts[code] = (counts[code] ?? 0) + 1
        return counts
      }
      const { group_info, forbidden, overloaded } = count(bob)
      assert.strictEqual((group_info ?? 0) + (forbidden ?? 0) + (overloaded ?? 0), 120)
      assert.isAbove(overloaded!, 0)
      assert.strictEqual((count(mallory)["not_found"] ?? 0) + (count(mallory)["overloaded"] ?? 0), 120)
    }).pipe(Effect.provide(actors(unlimited, farAway(3, asked))))
  })

  it.effect("P9 who was told that there is no such group of theirs is told so again without a look, for seconds", () => {
    const asked = { count: 0 }
    return Effect.gen(function*() {
      const [alice, mallory] = [yield* join("alice"), yield* join("mallory")]
      const group = yield* create(alice, ["bob"])
      const told = Effect.fnUntraced(function*(frame: object) {
        const before = asked.count
        const answer = codes(yield* mallory.says(frame))
        return [answer, asked.count - before]
      })
      for (const name of [group, "nowhere"]) {
        const frame = { type: "chat_message", group: name, text: "hi", id: "1" }
        const [first, looks] = yield* told(frame)
        assert.deepStrictEqual([first, Number(looks) > 0], [["not_found"], true])
        assert.deepStrictEqual(yield* told(frame), [["not_found"], 0])
        assert.deepStrictEqual(yield* told({ type: "group_info", group: name }), [["not_found"], 0])
        yield* TestClock.adjust(unknownMillis)
        assert.notStrictEqual((yield* told(frame))[1], 0)
      }
      // Whoever is added is in at once.
      yield* alice.says({ type: "add_members", group, members: ["mallory"] })
      assert.deepStrictEqual((yield* told({ type: "chat_message", group, text: "hi", id: "2" }))[0], [
        "message_accepted"
      ])
    }).pipe(Effect.provide(actors({}, farAway(0, asked))))
  })

  it.effect("P9 whoever asks for groups that are not theirs pays for each look, and not for being told so again", () => {
    const asked = { count: 0 }
    return Effect.gen(function*() {
      const mallory = yield* join("mallory")
      const ask = (group: string) =>
        Effect.map(mallory.says({ type: "chat_message", group, text: "hi", id: "1" }), codes)
      for (const name of ["one", "two", "three"]) assert.deepStrictEqual(yield* ask(name), ["not_found"])
      const looked = asked.count
      for (let i = 0; i < 5; i++) assert.deepStrictEqual(yield* ask("one"), ["not_found"])
      assert.deepStrictEqual(yield* ask("four"), ["rate_limited"])
      assert.strictEqual(asked.count, looked)
    }).pipe(Effect.scoped, Effect.provide(actors({ maxMessagesPerSecond: 10 }, farAway(0, asked))))
  })

  story("P6 ephemeral frames are dropped for a slow connection, entries of the log never", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    const group = yield* create(alice, ["bob"])
    yield* bob.says({ type: "ping" })
    bob.stalled = true
    const text = "x".repeat(10_000)
    for (let i = 0; i < 8; i++) yield* alice.says({ type: "chat_message", group, text })
    assert.isAbove(bob.buffered(), 65_536)
    yield* alice.says({ type: "typing", group, active: true })
    yield* alice.says({ type: "read", conversation: `group:${group}`, up_to: 5 })
    yield* pass(1_000)
    for (let i = 0; i < 8; i++) yield* alice.says({ type: "chat_message", group, text })
    const count = (type: string) => bob.heard.filter((frame) => frame.type === type).length
    assert.deepStrictEqual([count("incoming_message"), count("typing"), count("receipt")], [16, 0, 0])
  })
})
