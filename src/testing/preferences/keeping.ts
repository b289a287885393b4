/** Mute, archive and mark: what is kept, and when it ends. */
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { change, commit, created, move, react, read, received, text } from "../contract/commands.ts"
import { type PreferencesCase, preferencesCase } from "./PreferencesCase.ts"

export const preferenceCases: ReadonlyArray<PreferencesCase> = [
  preferencesCase(
    "each preference is one user's, in one conversation, and leaves the others as they are",
    function*({ alice, bob, conversation, group, listed, preferences, tea }) {
      yield* commit(text(alice, conversation), created(group, alice, { [bob]: "member" }))
      assert.deepEqual(yield* listed(alice, conversation), {})
      assert.deepEqual(yield* preferences.change(alice, conversation, { mute: { until: 5_000, mentions: false } }), {
        preferences: { muted_until: 5_000 },
        changed: true
      })
      assert.deepEqual(yield* preferences.change(alice, conversation, { archived: true, markedUnread: true }), {
        preferences: { muted_until: 5_000, archived: true, marked_unread: true },
        changed: true
      })
      yield* preferences.change(alice, tea, { mute: { until: 7_000, mentions: true } })
      assert.deepEqual(yield* listed(alice, conversation), {
        muted_until: 5_000,
        archived: true,
        marked_unread: true
      })
      assert.deepEqual(yield* listed(alice, tea), { muted_until: 7_000, mutes_mentions: true })
      assert.deepEqual(yield* listed(bob, conversation), {})
      assert.deepEqual(yield* listed(bob, tea), {})
    }
  ),

  preferencesCase("what is so already is no change, and each can be ended", function*({
    alice,
    conversation,
    listed,
    preferences
  }) {
    yield* commit(text(alice, conversation))
    const mute = { until: 5_000, mentions: false }
    yield* preferences.change(alice, conversation, { mute, archived: true })
    const again = yield* preferences.change(alice, conversation, { mute, archived: true })
    assert.deepEqual(again, { preferences: { muted_until: 5_000, archived: true }, changed: false })
    const other = yield* preferences.change(alice, conversation, { mute: { until: 6_000, mentions: true } })
    assert.deepEqual(other, {
      preferences: { muted_until: 6_000, mutes_mentions: true, archived: true },
      changed: true
    })
    assert.deepEqual((yield* preferences.change(alice, conversation, { mute: undefined }))?.preferences, {
      archived: true
    })
    assert.deepEqual((yield* preferences.change(alice, conversation, { archived: false }))?.preferences, {})
    assert.deepEqual(yield* preferences.change(alice, conversation, { mute: undefined, archived: false }), {
      preferences: {},
      changed: false
    })
    assert.deepEqual(yield* listed(alice, conversation), {})
  }),

  preferencesCase("P8 whoever is not in a conversation keeps nothing of it, and finds nothing there later", function*({
    alice,
    bob,
    carol,
    conversation,
    group,
    listed,
    preferences,
    tea
  }) {
    const mute = { mute: { until: 5_000, mentions: false } }
    assert.equal(yield* preferences.change(alice, conversation, mute), undefined)
    yield* commit(text(alice, conversation), created(group, alice, { [bob]: "member" }))
    assert.deepEqual(yield* listed(alice, conversation), {})
    assert.equal(yield* preferences.change(carol, conversation, mute), undefined)
    assert.equal(yield* preferences.change(carol, tea, mute), undefined)
    yield* commit(change(bob, group, { action: "left" }))
    assert.equal(yield* preferences.change(bob, tea, mute), undefined)
    yield* commit(change(alice, group, { action: "members_added", members: [carol, bob] }))
    assert.deepEqual(yield* listed(carol, tea), {})
    assert.deepEqual(yield* listed(bob, tea), {})
  }),

  preferencesCase(
    "archived ends with the next text or change of the group, by whomever, and with nothing else",
    function*({
      alice,
      bob,
      conversation,
      group,
      listed,
      preferences,
      tea
    }) {
      yield* commit(text(alice, conversation), created(group, alice, { [bob]: "member" }), text(bob, tea))
      yield* preferences.change(alice, conversation, { archived: true })
      yield* preferences.change(alice, tea, { archived: true })
      yield* commit(react(bob, conversation, 1, "👍"))
      yield* move(read(alice, conversation, 2), received(alice, conversation, 2))
      assert.deepEqual(yield* listed(alice, conversation), { archived: true })
      yield* commit(text(alice, conversation, "mine"), change(alice, group, { action: "renamed", name: "coffee" }))
      assert.deepEqual(yield* listed(alice, conversation), {})
      assert.deepEqual(yield* listed(alice, tea), {})
      yield* preferences.change(alice, tea, { archived: true })
      assert.deepEqual(yield* listed(alice, tea), { archived: true })
      yield* commit(text(bob, tea))
      assert.deepEqual(yield* listed(alice, tea), {})
    }
  ),

  preferencesCase(
    "a mark ends when its user reads, also what was read before, and not when anything is received",
    function*({
      alice,
      bob,
      conversation,
      listed,
      preferences,
      store
    }) {
      yield* commit(text(bob, conversation), text(bob, conversation))
      yield* move(read(alice, conversation, 2))
      for (const upTo of [2, 1]) {
        yield* preferences.change(alice, conversation, { markedUnread: true, archived: true })
        yield* move(received(alice, conversation, 2), read(bob, conversation, upTo))
        assert.deepEqual(yield* listed(alice, conversation), { archived: true, marked_unread: true })
        const { moves } = yield* store.commit([], [read(alice, conversation, upTo), read(alice, conversation, upTo)])
        // The first ends it, and is told to the user's own devices alone.
        assert.deepEqual(moves, [
          { _tag: "Moved", moved: true, delivered: 2, read: 2, isOwn: true },
          { _tag: "Moved", moved: false, delivered: 2, read: 2 }
        ])
        assert.deepEqual(yield* listed(alice, conversation), { archived: true })
      }
    }
  ),

  preferencesCase("preferences are exported, and gone with an erasure; whoever has the name next has none", function*({
    alice,
    bob,
    conversation,
    listed,
    preferences,
    store
  }) {
    yield* commit(text(alice, conversation))
    yield* preferences.change(alice, conversation, { mute: { until: 5_000, mentions: true }, markedUnread: true })
    yield* preferences.setSettings(alice, { readPrivately: true })
    const exported = yield* store.exportUser(alice)
    assert.equal(exported.readPrivately, true)
    assert.deepEqual(exported.memberships.map(({ settings }) => settings), [
      { muted_until: 5_000, mutes_mentions: true, marked_unread: true }
    ])
    assert.deepEqual((yield* store.exportUser(bob)).memberships.map((each) => "settings" in each), [false])
    yield* store.eraseUser(alice)
    assert.deepEqual(yield* store.exportUser(alice), {
      user: alice,
      bans: [],
      blocks: [],
      devices: [],
      memberships: []
    })
    assert.deepEqual(yield* preferences.settings(alice), { readPrivately: false })
    assert.equal(yield* preferences.change(alice, conversation, { archived: true }), undefined)
    yield* commit(text(bob, conversation))
    assert.deepEqual(yield* listed(alice, conversation), {})
  }),

  preferencesCase("what one keeps of a conversation with oneself is kept as well", function*({
    alice,
    listed,
    preferences
  }) {
    const notes = Conversation.direct(alice, alice)
    yield* commit(text(alice, notes))
    yield* preferences.change(alice, notes, { mute: { until: 5_000, mentions: false }, archived: true })
    assert.deepEqual(yield* listed(alice, notes), { muted_until: 5_000, archived: true })
  })
]
