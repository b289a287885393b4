/** Nobody finds what history would not show them; their blocks aside, which the server applies. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { change, commit, created, text } from "../contract/commands.ts"
import { findAll, placesFound, type SearchCase, searchCase, textsFound } from "./SearchCase.ts"

export const visible: ReadonlyArray<SearchCase> = [
  searchCase("only members find, in all of their conversations or in one", function*(names) {
    const { alice, bob, carol, conversation, group, tea } = names
    yield* commit(
      created(group, alice, { [bob]: "member" }),
      text(alice, tea, "tea in the group", { at: 1 }),
      text(bob, conversation, "tea for two", { at: 2 }),
      text(carol, Conversation.direct(bob, carol), "tea of others", { at: 3 })
    )
    assert.deepEqual(yield* textsFound("tea", alice), ["tea for two", "tea in the group"])
    assert.deepEqual(yield* textsFound("tea", bob), ["tea of others", "tea for two", "tea in the group"])
    assert.deepEqual(yield* textsFound("tea", carol), ["tea of others"])
    assert.deepEqual(yield* textsFound("tea", carol, { conversation }), [])
    assert.deepEqual(yield* textsFound("tea", alice, { conversation: tea }), ["tea in the group"])
    assert.deepEqual(yield* textsFound("tea", names.user("nobody")), [])
  }),

  searchCase("without a user everything is searched", function*({ alice, bob, carol, conversation, user }) {
    const word = user("everything").replaceAll(/[^a-z0-9]/gu, "x")
    const other = Conversation.direct(bob, carol)
    yield* commit(
      text(alice, conversation, `one ${word}`, { at: 1 }),
      text(carol, other, `two ${word}`, { at: 2 })
    )
    const texts = Effect.fnUntraced(function*(asked: Parameters<typeof findAll>[1]) {
      return (yield* findAll(word, asked)).map(({ conversation, entry }) => [conversation, entry.text])
    })
    assert.deepEqual(yield* texts({}), [[other, `two ${word}`], [conversation, `one ${word}`]])
    assert.deepEqual(yield* texts({ conversation }), [[conversation, `one ${word}`]])
    assert.deepEqual(yield* texts({ sender: carol }), [[other, `two ${word}`]])
  }),

  searchCase(
    "members find from where they joined, those who left nothing, and those who came again from there",
    function*(names) {
      const { alice, bob, carol, dave, group, tea } = names
      const all = names.groupCalled("all")
      const open = Conversation.group(all)
      yield* commit(
        created(group, alice, { [bob]: "member" }),
        created(all, alice, { [bob]: "member" }, "all"),
        text(alice, tea, "word one"),
        text(alice, open, "word one"),
        change(alice, group, { action: "members_added", members: [carol] }),
        change(alice, all, { action: "members_added", members: [carol] }),
        text(alice, tea, "word two"),
        text(alice, open, "word two"),
        change(bob, group, { action: "left" }),
        change(bob, all, { action: "left" }),
        text(alice, tea, "word three"),
        text(alice, open, "word three")
      )
      assert.deepEqual(yield* placesFound("word", alice, tea), [6, 4, 2])
      assert.deepEqual(yield* placesFound("word", carol, tea), [6, 4])
      assert.deepEqual(yield* placesFound("word", carol, open), [6, 4, 2])
      for (const conversation of [tea, open]) {
        assert.deepEqual(yield* placesFound("word", bob, conversation), [])
        assert.deepEqual(yield* placesFound("word", dave, conversation), [])
      }
      yield* commit(
        change(alice, group, { action: "members_added", members: [bob] }),
        change(alice, all, { action: "members_added", members: [bob] }),
        text(alice, tea, "word four"),
        text(alice, open, "word four")
      )
      assert.deepEqual(yield* placesFound("word", bob, tea), [8])
      assert.deepEqual(yield* placesFound("word", bob, open), [8, 6, 4, 2])
    }
  )
]
