/** P4 P5: a pass over the store that is disturbed goes on from where it was. */
import { assert, describe } from "@effect/vitest"
import { Array, Effect } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { ClientId, ConversationId, UserId } from "../../../src/domain/Ids.ts"
import { newGroupId } from "../../../src/services/group/groupIds.ts"
import { MessageStore, StoreError } from "../../../src/services/storage/MessageStore.ts"
import { actors, join, pass, settle, startUser, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { memoryWith } from "../../support/stores.ts"

const seqs = ({ heard }: MemoryConnection) =>
  heard.flatMap((frame) => frame.type === "incoming_message" || frame.type === "group_changed" ? [frame.seq] : [])

/** A memory store of which every second page cannot be read. */
const failing = memoryWith((store) => {
  let reads = 0
  return {
    history: (options) =>
      Effect.suspend(() =>
        ++reads % 2 === 0
          ? Effect.fail(new StoreError({ kind: "unavailable", message: "Not now." }))
          : store.history(options)
      )
  }
})

/** A memory store of which each look at a user's conversations finds so much, and then more. */
const looking = (looks: { after: Array<ConversationId | undefined> }, most: number) =>
  memoryWith((store) => ({
    behind: (options) => {
      if (options.user !== "bob") return store.behind(options)
      const looked = looks.after.push(options.after)
      if (looked > most) return store.behind(options)
      return Effect.succeed({ items: [], next: ConversationId.make(`dm:bob:${String(looked).padStart(6, "0")}`) })
    }
  }))

const first = { after: [] as Array<ConversationId | undefined> }
const many = { after: [] as Array<ConversationId | undefined> }

describe("catching up", () => {
  story("P4 P5 a pass goes on behind what the first look has looked at, and what comes meanwhile follows", function*() {
    const alice = yield* join("alice")
    alice.send({ type: "chat_message", recipient: "bob", text: "before" })
    yield* settle
    // Of what is found behind "dm:bob:…" there is nothing: only what is live is heard.
    const bob = yield* join("bob", { device: "phone" })
    alice.send({ type: "chat_message", recipient: "bob", text: "meanwhile" })
    yield* settle
    assert.deepStrictEqual(first.after, [undefined, ConversationId.make("dm:bob:000001")])
    assert.deepStrictEqual(seqs(bob), [2])
  }, actors({}, looking(first, 1)))

  story("P6 whoever comes back with very much over and over waits for themselves, and still gets all", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob", { device: "phone" })
    yield* settle
    const atOnce = many.after.length
    assert.isAtLeast(atOnce, 500)
    assert.isAtMost(atOnce, 510)
    alice.send({ type: "chat_message", recipient: "bob", text: "held" })
    alice.send({ type: "chat_message", recipient: "carol", text: "others are as quick" })
    const carol = yield* join("carol", { device: "phone" })
    yield* settle
    assert.deepStrictEqual(seqs(carol), [1])
    assert.deepStrictEqual(seqs(bob), [])
    yield* pass("4 seconds")
    assert.isAtMost(many.after.length, atOnce + 101)
    for (let i = 0; i < 25; i++) yield* pass("1 second")
    assert.deepStrictEqual(seqs(bob), [1])
  }, actors({}, looking(many, 1_000)))

  for (const level of ["plain", "v1"] as const) {
    story(`P4 what was sent before the store failed is not sent again, at level ${level}`, function*() {
      const alice = yield* join("alice", { level: "plain" })
      for (let i = 0; i < 450; i++) alice.send({ type: "chat_message", recipient: "bob", text: `${i}` })
      yield* settle
      const bob = yield* join("bob", { level, device: "phone" })
      for (let i = 0; i < 60; i++) yield* Effect.andThen(TestClock.adjust("1 second"), settle)
      assert.deepStrictEqual(seqs(bob), Array.range(1, 450))
    }, actors({ maxMessagesPerSecond: 0 }, failing))
  }

  story("P4 what is hidden by a block does not confirm what came before it in an earlier pass", function*() {
    const { connection: alice } = yield* startUser("alice", { level: "v1" })
    const carol = yield* join("carol")
    const group = newGroupId(UserId.make("alice"), ClientId.make("g"))
    alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob", "carol"] })
    const long = { type: "chat_message", text: "x".repeat(16_000) }
    for (let i = 0; i < 8; i++) alice.send({ ...long, group })
    yield* settle
    const bob = yield* join("bob", { device: "phone", stalled: true })
    yield* bob.says({ type: "block", user: "carol" })
    yield* TestClock.adjust("10 millis")
    carol.send({ type: "chat_message", group, text: "unheard" })
    // So much that a second pass is needed, and all that this one finds in the group is hidden.
    for (let i = 0; i < 20; i++) alice.send({ ...long, recipient: "bob" })
    yield* settle
    bob.drain()
    yield* settle
    yield* pass("1 second")
    const ofGroup = ({ heard }: MemoryConnection) =>
      heard.flatMap((frame) =>
        (frame.type === "incoming_message" || frame.type === "group_changed") &&
          frame.conversation === Conversation.group(group)
          ? [frame.seq]
          : []
      )
    assert.deepStrictEqual(ofGroup(bob), Array.range(1, 9))
    assert.strictEqual(seqs(bob).length, 9 + 20)
    const again = yield* join("bob", "phone")
    assert.deepStrictEqual(ofGroup(again), Array.range(1, 9))
  }, actors({ maxMessagesPerSecond: 0 }))

  story("P4 P5 out and in again in a group whose past all may see: nothing of it is passed over", function*() {
    const group = newGroupId(UserId.make("alice"), ClientId.make("g"))
    const alice = yield* join("alice")
    alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"], history: "all" })
    for (let i = 0; i < 150; i++) alice.send({ type: "chat_message", group, text: `${i}`.padEnd(1_000, ".") })
    yield* settle
    const bob = yield* join("bob", { level: "plain", device: "phone", stalled: true })
    const before = seqs(bob)
    assert.isBelow(before.length, 90)
    alice.send({ type: "remove_members", group, members: ["bob"] })
    alice.send({ type: "chat_message", group, text: "without bob" })
    alice.send({ type: "add_members", group, members: ["bob"] })
    yield* alice.says({ type: "chat_message", group, text: "with bob" })
    bob.drain()
    yield* settle
    // Texts only, so neither the entry that made the group nor those that took him out and in.
    const { entries } = yield* (yield* MessageStore).history({
      conversation: Conversation.group(group),
      after: 0,
      limit: 500
    })
    assert.deepStrictEqual(seqs(bob), entries.flatMap(({ kind, seq }) => kind === "text" ? [seq] : []))
  }, actors({ maxMessagesPerSecond: 0 }))
})
