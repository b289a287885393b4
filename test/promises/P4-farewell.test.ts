/**
 * P4 P8: whoever is taken out of a group while a pass over the store brings them up to date hears nothing older after
 * it, of what was read already, of what was held back, and of what is being read; and misses nothing when they are in again.
 */
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import { ClientId, UserId } from "../../src/domain/Ids.ts"
import { newGroupId } from "../../src/services/group/groupIds.ts"
import { actors, join, pass, settle, startUser, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { memoryWith } from "../support/stores.ts"

const group = newGroupId(UserId.make("alice"), ClientId.make("g"))
const conversation = Conversation.group(group)
/** More than a socket is given before it has taken some. */
const backlog = 150

const say = (connection: MemoryConnection, text: string) =>
  connection.send({ type: "chat_message", group, text, id: text.slice(0, 60) })

/** What came of the group: its place, or `out` for the entry that takes bob out. */
const heard = ({ heard }: MemoryConnection) =>
  heard.flatMap((frame) => {
    if (frame.type === "incoming_message") return frame.conversation === conversation ? [frame.seq] : []
    if (frame.type !== "group_changed") return []
    const { change } = frame
    const out = change.action === "left" ||
      (change.action === "members_removed" && change.members.includes(UserId.make("bob")))
    return [out ? "out" : frame.seq]
  })

const prepared = Effect.gen(function*() {
  const alice = yield* join("alice")
  alice.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
  for (let i = 0; i < backlog; i++) say(alice, `${i}`.padEnd(1_000, "."))
  yield* settle
  return alice
})

const remove = { type: "remove_members", group, members: ["bob"] }
const add = { type: "add_members", group, members: ["bob"] }

/** In the middle of a page: some of it is with the socket, more is read, and more is held. */
const inTheMiddle = Effect.fnUntraced(function*(level: "plain" | "v1") {
  const alice = yield* prepared
  const bob = yield* join("bob", { level, device: "phone", stalled: true })
  say(alice, "while bob is brought up to date")
  yield* settle
  assert.isAbove(heard(bob).length, 10)
  assert.isBelow(heard(bob).length, 90)
  return { alice, bob }
})

const readOn = Effect.fnUntraced(function*(bob: MemoryConnection) {
  yield* settle
  bob.drain()
  yield* settle
  yield* pass("1 second")
})

const unlimited = actors({ maxMessagesPerSecond: 0 })

describe("a farewell in the middle of a pass", () => {
  story("P4 who is removed hears nothing of the group after the farewell", function*() {
    const { alice, bob } = yield* inTheMiddle("v1")
    const before = heard(bob)
    yield* alice.says(remove)
    say(alice, "without bob")
    yield* readOn(bob)
    assert.deepStrictEqual(heard(bob), [...before, "out"])
  }, unlimited)

  story("P4 who leaves on another device hears nothing of the group after the farewell", function*() {
    const { bob } = yield* inTheMiddle("v1")
    const before = heard(bob)
    const tablet = yield* join("bob", "tablet")
    tablet.send({ type: "leave_group", group })
    yield* readOn(bob)
    assert.deepStrictEqual(heard(bob), [...before, "out"])
  }, unlimited)

  story("P4 a plain client hears nothing of the group after its removal", function*() {
    const { alice, bob } = yield* inTheMiddle("plain")
    const before = heard(bob)
    yield* alice.says(remove)
    say(alice, "without bob")
    yield* readOn(bob)
    assert.deepStrictEqual(heard(bob), before)
    assert.deepStrictEqual(bob.all("error"), [])
  }, unlimited)

  story("P4 P5 who is in again at once gets all from then on", function*() {
    const { alice, bob } = yield* inTheMiddle("v1")
    const before = heard(bob)
    for (const change of [remove, add, remove, add]) alice.send(change)
    say(alice, "welcome back")
    yield* readOn(bob)
    say(alice, "and on")
    yield* settle
    const again = backlog + 2 + 4
    assert.deepStrictEqual(heard(bob), [...before, "out", "out", again, again + 1, again + 2])
  }, unlimited)

  story("P4 P5 a plain client that is in again at once gets all from then on, also in its next life", function*() {
    const { alice, bob } = yield* inTheMiddle("plain")
    const before = heard(bob)
    alice.send(remove)
    alice.send(add)
    say(alice, "welcome back")
    yield* readOn(bob)
    const again = backlog + 2 + 2
    assert.deepStrictEqual(heard(bob), [...before, again + 1])
    bob.leave()
    say(alice, "and on")
    yield* settle
    const next = yield* join("bob", { device: "phone" })
    assert.deepStrictEqual(heard(next), [again + 2])
  }, unlimited)

  story("P5 heads do not name a group that one is out of", function*() {
    const { alice, bob } = yield* inTheMiddle("v1")
    alice.send(remove)
    yield* readOn(bob)
    yield* pass("26 seconds")
    const ping = bob.heard.findLast(({ type }) => type === "ping")
    assert.deepStrictEqual(ping, { type: "ping" })
  }, unlimited)

  const asked = Deferred.makeUnsafe<void>()
  const go = Deferred.makeUnsafe<void>()
  const slow = memoryWith((store) => ({
    history: (options) =>
      Deferred.succeed(asked, undefined).pipe(
        Effect.andThen(store.history(options)),
        Effect.tap(() => Deferred.await(go))
      )
  }))

  story("P4 what is being read when the farewell comes does not follow it", function*() {
    const alice = yield* prepared
    const { connection: bob } = yield* startUser("bob", { level: "v1", device: "phone" })
    yield* Deferred.await(asked)
    yield* alice.says(remove)
    yield* Deferred.succeed(go, undefined)
    yield* readOn(bob)
    assert.deepStrictEqual(heard(bob), ["out"])
  }, actors({ maxMessagesPerSecond: 0 }, slow))
})
