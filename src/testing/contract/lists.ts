/** What a list of conversations says of each. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import type { UserId } from "../../domain/Ids.ts"
import { commit, listed, many, move, read, received, remove, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const listCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "conversations come with heads, cursors, unread counts and the peer's receipts",
    function*({ alice, bob, conversation }) {
      yield* many(alice, conversation, 4)
      yield* commit(text(bob, conversation, "own"), remove(alice, conversation, 4))
      yield* move(received(bob, conversation, 2), read(bob, conversation, 1))
      assert.deepEqual(yield* listed(bob), [{
        conversation,
        kind: "direct",
        head_seq: 6,
        received: 2,
        read: 1,
        unread: 2,
        peer: alice,
        peer_delivered: 0,
        peer_read: 0
      }])
      const [mine] = yield* listed(alice, 1)
      assert.deepEqual([mine?.peer_delivered, mine?.peer_read], [2, 1])
    }
  ),

  contractCase("a conversation with oneself has one member", function*({ alice }) {
    const conversation = Conversation.direct(alice, alice)
    yield* commit(text(alice, conversation, "note"))
    assert.deepEqual((yield* listed(alice)).map((i) => [i.conversation, i.peer, i.unread]), [[conversation, alice, 0]])
  }),

  contractCase("unread is counted alike, however much there is", function*({ alice, bob, conversation }) {
    const unread = Effect.map(listed(bob), (all) => all.map(({ unread }) => unread))
    const say = (sender: UserId, count: number) =>
      commit(...Array.range(1, count).map(() => text(sender, conversation)))
    yield* say(alice, 100)
    assert.deepEqual(yield* unread, [100])
    yield* say(alice, 1)
    assert.deepEqual(yield* unread, [101])
    yield* say(bob, 400)
    yield* say(alice, 99)
    assert.deepEqual(yield* unread, [200])
    yield* commit(remove(alice, conversation, 50))
    assert.deepEqual(yield* unread, [199])
    yield* move(read(bob, conversation, 100))
    assert.deepEqual(yield* unread, [100])
    yield* say(alice, 998)
    assert.deepEqual(yield* unread, [1_000])
  }),

  contractCase(
    "what was said during a block counts as unread for nobody, also when it is over",
    function*({ alice, bob, conversation, store }) {
      const unread = Effect.map(
        listed(alice),
        (items) => items.find((item) => item.conversation === conversation)?.unread
      )
      yield* commit(text(bob, conversation, "before", { at: 1 }))
      yield* store.setBlock(alice, bob, true, 10)
      yield* commit(text(bob, conversation, "during", { at: 15 }))
      assert.equal(yield* unread, 1)
      yield* store.setBlock(alice, bob, false, 20)
      yield* commit(text(bob, conversation, "after", { at: 20 }))
      assert.equal(yield* unread, 2)
    }
  )
]
