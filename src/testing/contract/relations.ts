/** What users may know of each other, and what is kept of them. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, UserId } from "../../domain/Ids.ts"
import { MessageStore } from "../../services/storage/MessageStore.ts"
import { change, commit, created, listed, many, move, read, received, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

/** How far `member` is, as `reader` may know it: the same in the list and when it is asked for. */
const seen = Effect.fnUntraced(function*(conversation: ConversationId, member: UserId, reader: UserId) {
  const store = yield* MessageStore
  const item = (yield* listed(reader)).find((each) => each.conversation === conversation)
  const position = (yield* store.positions(conversation, reader)).find(({ user }) => user === member)
  assert.deepEqual([item?.peer_delivered, item?.peer_read], [position?.delivered, position?.read])
  return [position?.delivered, position?.read]
})

/** Those of `others` who may see something of `user`, by name. */
const visibleTo = Effect.fnUntraced(function*(user: UserId, ...others: ReadonlyArray<UserId>) {
  const store = yield* MessageStore
  return (yield* store.visibleTo(user, others)).toSorted()
})

export const relationCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "whoever is blocked sees the other's positions as they were when it began",
    function*({ alice, bob, conversation, store }) {
      const seenByBob = seen(conversation, alice, bob)
      yield* many(bob, conversation, 6)
      yield* move(received(alice, conversation, 4), read(alice, conversation, 2))
      yield* store.setBlock(alice, bob, true, 10)
      yield* move(received(alice, conversation, 6), read(alice, conversation, 5))
      assert.deepEqual(yield* seenByBob, [4, 2])
      assert.deepEqual(yield* store.positions(conversation, alice), [
        { user: alice, delivered: 6, read: 5 },
        { user: bob, delivered: 0, read: 0 }
      ])
      yield* store.setBlock(alice, bob, false, 20)
      assert.deepEqual(yield* seenByBob, [6, 5])
    }
  ),

  contractCase(
    "across a block neither sees how far the other came since, whoever blocks",
    function*({ alice, bob, conversation, store }) {
      const moved = (user: UserId, delivered: number, upTo: number) =>
        move(received(user, conversation, delivered), read(user, conversation, upTo))
      yield* commit(...Array.range(1, 9).map((i) => text(i % 2 === 0 ? alice : bob, conversation)))
      yield* moved(alice, 3, 2)
      yield* moved(bob, 5, 4)
      yield* store.setBlock(alice, bob, true, 2_000)
      yield* moved(alice, 6, 6)
      yield* moved(bob, 7, 7)
      const both = Effect.all([seen(conversation, bob, alice), seen(conversation, alice, bob)])
      assert.deepEqual(yield* both, [[5, 4], [3, 2]])
      // One's own position is one's own.
      assert.deepEqual((yield* store.positions(conversation, alice)).find(({ user }) => user === alice)?.read, 6)
      // Of two blocks the one that began first counts, and when one of them ends, the other.
      yield* store.setBlock(bob, alice, true, 3_000)
      yield* moved(bob, 9, 9)
      assert.deepEqual(yield* both, [[5, 4], [3, 2]])
      yield* store.setBlock(alice, bob, false, 4_000)
      assert.deepEqual(yield* both, [[7, 7], [6, 6]])
      yield* store.setBlock(bob, alice, false, 5_000)
      assert.deepEqual(yield* both, [[9, 9], [6, 6]])
    }
  ),

  contractCase(
    "in a group, positions are of its present members, and not across a block",
    function*({ alice, bob, carol, group, tea, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      yield* commit(change(alice, group, { action: "members_added", members: [carol] }))
      yield* commit(text(alice, tea))
      yield* move(received(bob, tea, 3), received(carol, tea, 3), read(carol, tea, 3))
      const carolSeenBy = (reader: UserId) =>
        Effect.map(store.positions(tea, reader), (all) => all.find(({ user }) => user === carol))
      assert.deepEqual(yield* carolSeenBy(alice), { user: carol, delivered: 3, read: 3 })
      yield* store.setBlock(carol, alice, true, 10)
      assert.deepEqual(yield* carolSeenBy(alice), { user: carol, delivered: 1, read: 1 })
      yield* store.setBlock(bob, carol, true, 10)
      assert.deepEqual(yield* carolSeenBy(bob), { user: carol, delivered: 1, read: 1 })
      yield* commit(change(alice, group, { action: "members_removed", members: [carol] }))
      assert.deepEqual((yield* store.positions(tea, alice)).map(({ user }) => user), [alice, bob])
    }
  ),

  contractCase(
    "related are those who share a conversation and do not block each other",
    function*({ alice, bob, carol, conversation, group, store }) {
      const relatedTo = (user: UserId) => visibleTo(user, ...[alice, bob, carol].filter((other) => other !== user))
      assert.deepEqual(yield* relatedTo(alice), [])
      yield* commit(text(alice, conversation))
      assert.deepEqual([yield* relatedTo(alice), yield* relatedTo(bob)], [[bob], [alice]])
      yield* store.setBlock(bob, alice, true, 1)
      assert.deepEqual([yield* relatedTo(alice), yield* relatedTo(bob)], [[], []])
      assert.deepEqual(
        [yield* store.blockedEitherWay(alice, [bob, carol]), yield* store.blockedEitherWay(bob, [carol, alice])],
        [[bob], [alice]]
      )
      yield* store.setBlock(bob, alice, false, 2)
      assert.deepEqual(yield* store.blockedEitherWay(alice, [bob, carol]), [])
      yield* commit(created(group, alice, { [bob]: "member" }))
      yield* commit(change(alice, group, { action: "members_added", members: [carol] }))
      assert.deepEqual(yield* relatedTo(carol), [alice, bob])
      yield* commit(change(alice, group, { action: "members_removed", members: [carol] }))
      assert.deepEqual(yield* relatedTo(carol), [])
    }
  ),

  contractCase(
    "who shares one of very many groups is visibleTo, from either side",
    function*({ alice, bob, carol, groupCalled }) {
      const many = (owner: UserId, name: string, count: number) =>
        commit(...Array.range(1, count).map((i) => created(groupCalled(`${name}${i}`), owner)))
      const [y, z] = [groupCalled("y"), groupCalled("z")]
      yield* many(alice, "a", 600)
      yield* many(bob, "b", 600)
      yield* many(carol, "c", 3)
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [])
      assert.deepEqual(yield* visibleTo(carol, alice, bob), [])
      yield* commit(created(z, alice, { [bob]: "member" }), created(y, carol, { [alice]: "member" }))
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [bob, carol].sort())
      assert.deepEqual(yield* visibleTo(bob, alice, carol), [alice])
      assert.deepEqual(yield* visibleTo(carol, alice, bob), [alice])
      yield* commit(change(alice, y, { action: "left" }), change(bob, z, { action: "left" }))
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [])
      yield* commit(text(alice, Conversation.direct(alice, carol)))
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [carol])
      const strangers = Array.range(1, 200).map((i) => UserId.make(`stranger${i}`))
      assert.deepEqual(yield* visibleTo(alice, ...strangers.toSpliced(100, 0, carol)), [carol])
    }
  ),

  contractCase("when somebody was here last is kept until it is later", function*({ alice, bob, store }) {
    yield* store.putLastSeen([{ user: alice, at: 5 }])
    yield* store.putLastSeen([{ user: alice, at: 7 }])
    // Of two servers the one that noticed first may be the one that says so last.
    yield* store.putLastSeen([{ user: alice, at: 6 }])
    assert.deepEqual(yield* store.lastSeen([alice, bob]), [{ user: alice, at: 7 }])
    assert.deepEqual(yield* store.lastSeen([]), [])
  }),

  contractCase("bans are kept, replaced and lifted", function*({ alice, store }) {
    const mine = Effect.map(store.bans, (bans) => bans.filter(({ id }) => id === alice))
    yield* store.putBan({ kind: "user", id: alice, at: 1, reason: "rude" })
    yield* store.putBan({ kind: "token", id: alice, at: 2, until: 9_000_000_000_000 })
    assert.deepEqual(yield* mine, [
      { kind: "user", id: alice, at: 1, reason: "rude" },
      { kind: "token", id: alice, at: 2, until: 9_000_000_000_000 }
    ])
    yield* store.putBan({ kind: "user", id: alice, at: 3, until: 4 })
    assert.equal(yield* store.removeBan({ kind: "token", id: alice }), true)
    assert.equal(yield* store.removeBan({ kind: "token", id: alice }), false)
    assert.deepEqual(yield* mine, [{ kind: "user", id: alice, at: 3, until: 4 }])
  })
]
