/** What is said again is there once (P3). */
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import { change, commit, created, edit, entries, react, remove, text, texts } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const retryCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P3 the same id and content is the same message, also within one batch",
    function*({ alice, conversation, store }) {
      const first = text(alice, conversation, "hello", { id: "1", at: 5 })
      const retry = text(alice, conversation, "hello", { id: "1", at: 9 })
      assert.deepEqual(yield* commit(first, retry), ["1", "1 again"])
      const [again] = (yield* store.commit([retry], [])).appends
      assert.deepEqual(again, { _tag: "Accepted", seq: 1, messageId: first.messageId, at: 5, duplicate: true })
      assert.deepEqual(yield* texts(conversation), ["hello"])
    }
  ),

  contractCase(
    "P3 the same id with other content is a conflict, in text, target or conversation",
    function*({ alice, carol, conversation }) {
      yield* commit(text(alice, conversation, "hello", { id: "1" }))
      assert.deepEqual(
        yield* commit(
          text(alice, conversation, "other", { id: "1" }),
          text(alice, conversation, "hello", { id: "1", replyTo: 1 }),
          text(alice, Conversation.direct(alice, carol), "hello", { id: "1" }),
          edit(alice, conversation, 1, "hello", { id: "1" })
        ),
        ["id_conflict", "id_conflict", "id_conflict", "id_conflict"]
      )
      assert.deepEqual(yield* texts(conversation), ["hello"])
    }
  ),

  contractCase("P3 ids belong to their sender", function*({ alice, bob, conversation }) {
    assert.deepEqual(
      yield* commit(text(alice, conversation, "a", { id: "1" }), text(bob, conversation, "b", { id: "1" })),
      ["1", "2"]
    )
  }),

  contractCase("P3 a retry is known after its message was edited or deleted", function*({ alice, conversation }) {
    yield* commit(text(alice, conversation, "one", { id: "1" }), text(alice, conversation, "two", { id: "2" }))
    yield* commit(edit(alice, conversation, 1, "one!"), remove(alice, conversation, 2))
    assert.deepEqual(
      yield* commit(
        text(alice, conversation, "one", { id: "1" }),
        text(alice, conversation, "one!", { id: "1" }),
        text(alice, conversation, "two", { id: "2" })
      ),
      ["1 again", "id_conflict", "2 again"]
    )
  }),

  contractCase(
    "P3 a retry of an edit is known after its target was deleted, and no other text passes for it",
    function*({ alice, conversation }) {
      yield* commit(
        text(alice, conversation, "one"),
        edit(alice, conversation, 1, "two", { id: "e" }),
        remove(alice, conversation, 1)
      )
      assert.deepEqual(
        yield* commit(
          edit(alice, conversation, 1, "two", { id: "e" }),
          edit(alice, conversation, 1, "three", { id: "e" })
        ),
        ["2 again", "id_conflict"]
      )
    }
  ),

  contractCase("P3 a retry in a group is known after its sender was taken out", function*({ alice, bob, group, tea }) {
    yield* commit(created(group, alice, { [bob]: "member" }))
    const said = text(bob, tea, "hello", { id: "1" })
    yield* commit(said)
    assert.deepEqual(
      yield* commit(
        change(alice, group, { action: "members_removed", members: [bob] }),
        said,
        text(bob, tea, "more", { id: "2" })
      ),
      ["3", "2 again", "not_a_member"]
    )
  }),

  contractCase(
    "P3 a change that the group does not want is made only by a retry of what it wanted then",
    function*({ alice, bob, group, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      const refusal = Errors.forbidden("Not now.")
      const renamed = change(alice, group, { action: "renamed", name: "coffee" }, { id: "1" })
      assert.deepEqual(yield* commit({ ...renamed, refusal }), ["forbidden"])
      assert.deepEqual(yield* commit(renamed, { ...renamed, refusal }), ["2", "2 again"])
      assert.equal((yield* store.group(group))?.headSeq, 2)
    }
  ),

  contractCase(
    "P3 a reaction is there once, and a removal takes away what is there",
    function*({ alice, bob, conversation }) {
      yield* commit(text(alice, conversation))
      assert.deepEqual(yield* commit(react(bob, conversation, 1, "👍", true)), ["not_found"])
      assert.deepEqual(
        yield* commit(
          react(bob, conversation, 1, "👍"),
          react(bob, conversation, 1, "👍"),
          react(alice, conversation, 1, "👍")
        ),
        ["2", "2 again", "3"]
      )
      assert.deepEqual(
        yield* commit(react(bob, conversation, 1, "👍"), react(bob, conversation, 1, "🎉")),
        ["2 again", "4"]
      )
      assert.deepEqual(
        yield* commit(react(bob, conversation, 1, "👍", true), react(bob, conversation, 1, "👍", true)),
        ["5", "5 again"]
      )
      assert.deepEqual(
        yield* commit(react(bob, conversation, 1, "👍", true), react(bob, conversation, 1, "👍")),
        ["5 again", "6"]
      )
      assert.equal((yield* entries(conversation)).length, 6)
    }
  )
]
