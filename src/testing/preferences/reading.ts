/** Reading privately: what others see of where a user stands, and what the user sees. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { MessageStore } from "../../services/storage/MessageStore.ts"
import { change, commit, created, many, move, phone, read, received, text } from "../contract/commands.ts"
import { type PreferencesCase, preferencesCase } from "./PreferencesCase.ts"

/** How far `user` has read, as `reader` is told: among the positions, and in both lists of a direct conversation. */
const shownTo = Effect.fnUntraced(function*(reader: UserId, user: UserId, conversation: ConversationId) {
  const store = yield* MessageStore
  const position = (yield* store.positions(conversation, reader)).find((each) => each.user === user)?.read
  const lists = [
    yield* store.conversations({ user: reader, device: phone, limit: 100 }),
    yield* store.recent({ user: reader, device: phone, limit: 100 })
  ]
  for (const { items } of lists) {
    const item = items.find((each) => each.conversation === conversation)
    if (item?.kind === "direct") assert.equal(reader === user ? item.read : item.peer_read, position)
  }
  return position
})

export const privateCases: ReadonlyArray<PreferencesCase> = [
  preferencesCase(
    "P8 while a user reads privately, others see what they saw before, and the user sees the truth",
    function*({
      alice,
      bob,
      conversation,
      preferences,
      store
    }) {
      yield* many(bob, conversation, 9)
      yield* move(read(alice, conversation, 3))
      assert.deepEqual(yield* preferences.settings(alice), { readPrivately: false })
      assert.equal(yield* preferences.setSettings(alice, { readPrivately: true }), true)
      assert.equal(yield* preferences.setSettings(alice, { readPrivately: true }), false)
      assert.deepEqual(yield* preferences.settings(alice), { readPrivately: true })
      assert.equal(yield* shownTo(bob, alice, conversation), 3)
      const { moves } = yield* store.commit([], [
        read(alice, conversation, 5),
        read(alice, conversation, 4),
        received(alice, conversation, 7),
        read(alice, conversation, 6)
      ])
      assert.deepEqual(moves, [
        // Others hear that it came: what is read was received.
        { _tag: "Moved", moved: true, delivered: 5, read: 5, shown: 3 },
        { _tag: "Moved", moved: false, delivered: 5, read: 5, shown: 3 },
        { _tag: "Moved", moved: true, delivered: 7, read: 5, shown: 3 },
        { _tag: "Moved", moved: true, delivered: 7, read: 6, shown: 3, isOwn: true }
      ])
      assert.equal(yield* shownTo(bob, alice, conversation), 3)
      assert.equal(yield* shownTo(alice, alice, conversation), 6)
      // The other does not read privately.
      yield* move(read(bob, conversation, 9))
      assert.equal(yield* shownTo(alice, bob, conversation), 9)
    }
  ),

  preferencesCase("after it, the next read shows where the user stands, and nothing before it does", function*({
    alice,
    bob,
    conversation,
    preferences,
    store
  }) {
    yield* many(bob, conversation, 9)
    yield* preferences.setSettings(alice, { readPrivately: true })
    yield* move(read(alice, conversation, 5))
    assert.equal(yield* preferences.setSettings(alice, { readPrivately: false }), true)
    yield* move(received(alice, conversation, 9), read(alice, conversation, 5))
    assert.equal(yield* shownTo(bob, alice, conversation), 0)
    const { moves } = yield* store.commit([], [read(alice, conversation, 8)])
    assert.deepEqual(moves, [{ _tag: "Moved", moved: true, delivered: 9, read: 8 }])
    assert.equal(yield* shownTo(bob, alice, conversation), 8)
  }),

  preferencesCase("P8 in a group the same holds, also when a member leaves and comes again", function*({
    alice,
    bob,
    carol,
    group,
    preferences,
    tea
  }) {
    yield* commit(created(group, alice, { [bob]: "member", [carol]: "member" }), text(alice, tea), text(alice, tea))
    yield* move(read(bob, tea, 2))
    yield* preferences.setSettings(bob, { readPrivately: true })
    yield* move(read(bob, tea, 3))
    assert.equal(yield* shownTo(carol, bob, tea), 2)
    assert.equal(yield* shownTo(bob, bob, tea), 3)
    // A change of the role writes the whole membership.
    yield* commit(change(alice, group, { action: "role_set", user: bob, role: "admin" }))
    assert.equal(yield* shownTo(carol, bob, tea), 2)
    yield* commit(
      change(bob, group, { action: "left" }),
      change(alice, group, { action: "members_added", members: [bob] })
    )
    yield* commit(text(alice, tea))
    // From where they came again nobody can tell what they have read.
    const from = yield* shownTo(carol, bob, tea)
    assert.equal(from, 5)
    yield* move(read(bob, tea, 7))
    assert.equal(yield* shownTo(carol, bob, tea), from)
    assert.equal(yield* shownTo(bob, bob, tea), 7)
  }),

  preferencesCase("P8 a block shows no more of it than there was to see when it began", function*({
    alice,
    bob,
    conversation,
    preferences,
    store
  }) {
    yield* many(bob, conversation, 9)
    yield* move(read(alice, conversation, 2))
    yield* preferences.setSettings(alice, { readPrivately: true })
    yield* move(read(alice, conversation, 6))
    yield* store.setBlock(alice, bob, true, 5_000)
    assert.equal(yield* shownTo(bob, alice, conversation), 2)
    yield* store.setBlock(alice, bob, false, 6_000)
    yield* store.setBlock(bob, alice, true, 7_000)
    assert.equal(yield* shownTo(bob, alice, conversation), 2)
  }),

  preferencesCase("whoever has an erased name next does not read privately because of it", function*({
    alice,
    bob,
    conversation,
    preferences,
    store
  }) {
    yield* many(bob, conversation, 3)
    yield* preferences.setSettings(alice, { readPrivately: true })
    yield* move(read(alice, conversation, 2))
    yield* store.eraseUser(alice)
    yield* commit(text(bob, conversation))
    yield* move(read(alice, conversation, 4))
    assert.equal(yield* shownTo(bob, alice, conversation), 4)
  })
]
