/** Where a subscription begins, how it moves on, and whose it is. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { Subscriptions } from "../../services/storage/Subscriptions.ts"
import { commit, created, move, received, text } from "../contract/commands.ts"
import { allBehind, type SubscriptionsCase, subscriptionsCase } from "./SubscriptionsCase.ts"

/** In the same store there are conversations of other cases. */
const behindIn = (name: string, ...conversations: ReadonlyArray<string>) =>
  Effect.map(
    allBehind(name, 3),
    (all) => all.flatMap(({ after, conversation, head }) => conversations.includes(conversation) ? [[after, head]] : [])
  )

export const positionCases: ReadonlyArray<SubscriptionsCase> = [
  subscriptionsCase(
    "one that begins now has taken what is there, and nothing of conversations that begin later",
    function*({ alice, bob, carol, conversation, crm, subscriptions }) {
      const later = Conversation.direct(alice, carol)
      yield* commit(text(alice, conversation), text(bob, conversation))
      assert.deepEqual(yield* behindIn(crm, conversation), [], "nothing waits for a name that is none yet")
      yield* subscriptions.open(crm, "now")
      assert.deepEqual(yield* behindIn(crm, conversation, later), [])
      yield* commit(text(alice, conversation), text(alice, later))
      assert.deepEqual(yield* behindIn(crm, conversation), [[2, 3]])
      assert.deepEqual(yield* behindIn(crm, later), [[0, 1]])
      assert.deepEqual(
        [yield* subscriptions.position(crm, conversation), yield* subscriptions.position(crm, later)],
        [2, 0]
      )
      // Whoever opens it again changes nothing.
      yield* subscriptions.open(crm, "now")
      assert.deepEqual(yield* behindIn(crm, conversation), [[2, 3]])
    }
  ),

  subscriptionsCase(
    "one that begins at the beginning is behind by everything, page by page, each conversation once",
    function*({ alice, crm, subscriptions, user }) {
      yield* subscriptions.open(crm, "beginning")
      const conversations = ["a", "b", "c", "d", "e"].map((name) => Conversation.direct(alice, user(name)))
      for (const each of conversations) yield* commit(text(alice, each))
      const all = (yield* allBehind(crm)).map(({ conversation }) => conversation)
      assert.deepEqual(all, all.toSorted())
      assert.equal(new Set(all).size, all.length)
      for (const each of conversations) assert.ok(all.includes(each), each)
    }
  ),

  subscriptionsCase(
    "positions move forward, and only for whoever has the subscription",
    function*({ alice, bob, conversation, crm, subscriptions, tea, group }) {
      yield* subscriptions.open(crm, "beginning")
      yield* commit(text(alice, conversation), text(bob, conversation), created(group, alice, { [bob]: "member" }))
      assert.equal(yield* subscriptions.move(crm, "one", [{ conversation, seq: 1 }]), false)
      assert.equal(yield* subscriptions.lease(crm, "one", 60_000), true)
      const both = [{ conversation, seq: 2 }, { conversation: tea, seq: 1 }]
      assert.equal(yield* subscriptions.move(crm, "one", both), true)
      assert.equal(yield* subscriptions.move(crm, "one", [{ conversation, seq: 1 }]), true)
      assert.equal(yield* subscriptions.position(crm, conversation), 2)
      assert.deepEqual(yield* behindIn(crm, conversation, tea), [])
      assert.equal(yield* subscriptions.move(crm, "another", [{ conversation, seq: 3 }]), false)
      assert.equal(yield* subscriptions.position(crm, conversation), 2)
      yield* subscriptions.release(crm, "another")
      assert.equal(yield* subscriptions.move(crm, "one", []), true)
      yield* subscriptions.release(crm, "one")
      assert.equal(yield* subscriptions.move(crm, "one", [{ conversation, seq: 3 }]), false)
      assert.equal(yield* subscriptions.lease(crm, "another", 60_000), true)
    }
  ),

  subscriptionsCase("who is none has no lease, no position and nothing to move", function*({ conversation, crm }) {
    const subscriptions = yield* Subscriptions
    assert.equal(yield* subscriptions.position(crm, conversation), 0)
    assert.equal(yield* subscriptions.move(crm, "one", [{ conversation, seq: 1 }]), false)
    assert.equal(yield* subscriptions.stopped(crm), undefined)
  }),

  subscriptionsCase("what was trimmed is skipped, and positions stay", function*({ alice, conversation, crm, store }) {
    const subscriptions = yield* Subscriptions
    yield* subscriptions.open(crm, "beginning")
    yield* subscriptions.lease(crm, "one", 60_000)
    yield* commit(...["a", "b", "c"].map((each) => text(alice, conversation, each, { at: -2 })))
    yield* subscriptions.move(crm, "one", [{ conversation, seq: 1 }])
    yield* store.trim({ before: -1 })
    yield* commit(text(alice, conversation, "d"))
    const after = yield* subscriptions.position(crm, conversation)
    const { entries } = yield* store.history({ conversation, after, limit: 10 })
    assert.deepEqual([after, entries.map(({ seq }) => seq)], [1, [4]])
  }),

  subscriptionsCase("who is stopped is so until it is lifted", function*({ crm, subscriptions }) {
    yield* subscriptions.open(crm, "now")
    assert.equal(yield* subscriptions.stopped(crm), undefined)
    yield* subscriptions.stop(crm, "it is gone")
    yield* subscriptions.open(crm, "now")
    assert.equal(yield* subscriptions.stopped(crm), "it is gone")
    yield* subscriptions.stop(crm, undefined)
    assert.equal(yield* subscriptions.stopped(crm), undefined)
  }),

  subscriptionsCase(
    "unconfirmed is who may see a text and has confirmed it on no device",
    function*({ alice, bob, carol, dave, group, store, subscriptions, tea, user }) {
      const erin = user("erin")
      yield* commit(created(group, alice, { [bob]: "member", [carol]: "member", [dave]: "member" }))
      const asked = (seq: number, at: number) =>
        subscriptions.unconfirmed({ conversation: tea, seq, sender: alice, at })
      // Dave had her blocked when she said it.
      yield* store.setBlock(dave, alice, true, 10)
      yield* store.setBlock(dave, alice, false, 20)
      yield* commit(text(alice, tea, "hi", { at: 15 }), text(alice, tea, "hi", { at: 20 }))
      assert.deepEqual(yield* asked(2, 15), [bob, carol])
      assert.deepEqual(yield* asked(3, 20), [bob, carol, dave])
      yield* move(received(bob, tea, 2))
      assert.deepEqual([yield* asked(2, 15), yield* asked(3, 20)], [[carol], [bob, carol, dave]])
      // Who came later does not see it, and who left does not either.
      yield* commit(
        { ...created(group, alice, {}), change: { action: "members_added", members: [erin] } },
        { ...created(group, alice, {}), change: { action: "members_removed", members: [carol] } }
      )
      assert.deepEqual(yield* asked(3, 20), [bob, dave])
      yield* store.eraseUser(bob)
      assert.deepEqual(yield* asked(3, 20), [dave])
    }
  )
]
