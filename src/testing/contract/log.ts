/** What a store does to one log: places, edits, deletes, and what history shows of it. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { UserId } from "../../domain/Ids.ts"
import { commit, edit, entries, many, react, remove, text, texts } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const logCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P2 sequence numbers are contiguous from 1 in each conversation",
    function*({ alice, bob, carol, conversation }) {
      const other = Conversation.direct(alice, carol)
      assert.deepEqual(
        yield* commit(
          text(alice, conversation, "a"),
          text(bob, conversation, "b"),
          text(alice, other, "c"),
          text(alice, conversation, "d")
        ),
        ["1", "2", "1", "3"]
      )
      assert.deepEqual(yield* texts(conversation), ["a", "b", "d"])
    }
  ),

  contractCase("P2 concurrent commits leave no gap and no double", function*({ alice, bob, conversation }) {
    const results = yield* Effect.forEach(
      Array.range(1, 40),
      (i) => commit(text(i % 2 === 0 ? alice : bob, conversation, `${i}`), text(alice, conversation, `${i}'`)),
      { concurrency: 8 }
    )
    assert.deepEqual(results.flat().map(Number).sort((a, b) => a - b), Array.range(1, 80))
    assert.deepEqual((yield* entries(conversation)).map((e) => e.seq), Array.range(1, 80))
  }),

  contractCase(
    "a refused append costs no sequence number, and the rest of its batch is kept",
    function*({ alice, conversation }) {
      assert.deepEqual(
        yield* commit(
          text(alice, conversation, "a"),
          edit(alice, conversation, 7, "x"),
          remove(alice, conversation, 9),
          text(alice, conversation, "b")
        ),
        ["1", "not_found", "not_found", "2"]
      )
    }
  ),

  contractCase(
    "edits change the shown text; only the sender's, and only of what is there",
    function*({ alice, bob, conversation }) {
      yield* commit(text(alice, conversation, "helo"))
      assert.deepEqual(
        yield* commit(
          edit(bob, conversation, 1, "mine"),
          edit(alice, conversation, 1, "hello"),
          edit(alice, conversation, 2, "an edit")
        ),
        ["forbidden", "2", "not_found"]
      )
      const [first, second] = yield* entries(conversation)
      assert.deepEqual({ ...first, message_id: "" }, {
        kind: "text",
        seq: 1,
        message_id: "",
        sender: alice,
        at: 1_000,
        text: "hello",
        edited_at: 1_000
      })
      assert.deepEqual({ ...second, message_id: "" }, {
        kind: "edit",
        seq: 2,
        message_id: "",
        sender: alice,
        at: 1_000,
        target: 1,
        text: "hello"
      })
    }
  ),

  contractCase(
    "a deleted text keeps its place and loses its text and the texts of its edits",
    function*({ alice, bob, conversation }) {
      yield* commit(text(alice, conversation, "secret"), edit(alice, conversation, 1, "secret!"))
      assert.deepEqual(
        yield* commit(remove(bob, conversation, 1), remove(alice, conversation, 1), remove(alice, conversation, 1)),
        ["forbidden", "3", "not_found"]
      )
      const all = yield* entries(conversation)
      assert.ok(!JSON.stringify(all).includes("secret"))
      assert.deepEqual(all.map((e) => e.kind), ["text", "edit", "delete"])
      assert.equal(all[0]?.kind === "text" && all[0].deleted, true)
      assert.deepEqual(
        yield* commit(edit(alice, conversation, 1, "back"), react(bob, conversation, 1, "👍")),
        ["not_found", "not_found"]
      )
    }
  ),

  contractCase("reactions and replies need a target that is there", function*({ alice, bob, conversation }) {
    yield* commit(text(alice, conversation))
    assert.deepEqual(
      yield* commit(
        react(bob, conversation, 1, "👍🏽"),
        react(bob, conversation, 1, "👍🏽", true),
        react(bob, conversation, 9, "👍"),
        text(bob, conversation, "re", { replyTo: 1 }),
        text(bob, conversation, "re", { replyTo: 9 })
      ),
      ["2", "3", "not_found", "4", "not_found"]
    )
    const all = yield* entries(conversation)
    assert.equal(all[1]?.kind === "reaction" && all[1].emoji, "👍🏽")
    assert.equal(all[1]?.kind === "reaction" && all[1].remove, undefined)
    assert.equal(all[2]?.kind === "reaction" && all[2].remove, true)
    assert.equal(all[3]?.kind === "text" && all[3].reply_to, 1)
  }),

  contractCase("texts come back as they went in", function*({ alice, conversation }) {
    const bodies = [
      "👩‍👩‍👧‍👦 emoji",
      "\u202eright to left\u202c עברית",
      "'; DROP TABLE entries; --",
      "a".repeat(16_384),
      "\t\r\n \u00a0x"
    ]
    yield* commit(...bodies.map((body) => text(alice, conversation, body)))
    assert.deepEqual(yield* texts(conversation), bodies)
  }),

  contractCase(
    "P8 names are only names: constructor, upper and lower case, 128 characters, those of identity providers",
    function*({ alice, bob, store }) {
      const users = [
        "constructor",
        "hasOwnProperty",
        alice.toUpperCase(),
        alice,
        "x".repeat(128),
        `x${":".repeat(127)}`,
        `x${"%".repeat(127)}`,
        `auth0|${alice}`,
        `f:1:a/${alice}`,
        `f:1:a%2F${alice}`,
        `-_${alice}`,
        `dm:${alice}:${bob}`
      ].map((name) => UserId.make(name))
      for (const user of users) {
        const conversation = Conversation.direct(user, bob)
        const before = (yield* store.history({ conversation, after: 0, limit: 1 })).headSeq
        const id = `${before}`.padEnd(64, "i")
        assert.deepEqual(yield* commit(text(user, conversation, "hi", { id })), [`${before + 1}`])
      }
    }
  ),

  contractCase(
    "history is contiguous in both directions, and says whether there is more",
    function*({ alice, conversation, store }) {
      yield* many(alice, conversation, 25)
      const page = Effect.fnUntraced(function*(where: { before?: number; after?: number }, limit: number) {
        const { entries, firstSeq, hasMore, headSeq } = yield* store.history({ conversation, limit, ...where })
        assert.deepEqual([firstSeq, headSeq], [1, 25])
        return [entries.map((e) => e.seq), hasMore]
      })
      assert.deepEqual(yield* page({ after: 0 }, 3), [[1, 2, 3], true])
      assert.deepEqual(yield* page({ after: 22 }, 3), [[23, 24, 25], false])
      assert.deepEqual(yield* page({ after: 25 }, 3), [[], false])
      assert.deepEqual(yield* page({ before: 26 }, 2), [[24, 25], true])
      assert.deepEqual(yield* page({ before: Number.MAX_SAFE_INTEGER }, 2), [[24, 25], true])
      assert.deepEqual(yield* page({ before: 3 }, 5), [[1, 2], false])
      assert.deepEqual(yield* page({ before: 1 }, 5), [[], false])
    }
  ),

  contractCase("history of what nobody has said yet is an empty page", function*({ conversation, store }) {
    assert.deepEqual(yield* store.history({ conversation, after: 0, limit: 10 }), {
      entries: [],
      hasMore: false,
      firstSeq: 0,
      headSeq: 0
    })
  }),

  contractCase("the store answers that it is well", function*({ store }) {
    yield* store.check
  })
]
