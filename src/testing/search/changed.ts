/** What was edited, deleted, erased or trimmed is not found any more, from the same commit on. */
import { Array as Arr, Clock } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { commit, created, edit, react, remove, text } from "../contract/commands.ts"
import { findAll, placesFound, type SearchCase, searchCase, textsFound } from "./SearchCase.ts"

export const changed: ReadonlyArray<SearchCase> = [
  searchCase("an edited text is found by its new words only, where it stands", function*({ alice, bob, conversation }) {
    yield* commit(
      text(alice, conversation, "first thing", { at: 1 }),
      text(alice, conversation, "second thing", { at: 2 })
    )
    yield* commit(edit(alice, conversation, 1, "another thing altogether", { at: 3 }))
    assert.deepEqual(yield* textsFound("first", bob), [])
    assert.deepEqual(yield* placesFound("another", bob, conversation), [1])
    assert.deepEqual(yield* placesFound("thing", bob, conversation), [2, 1])
    // In one commit, and more than once.
    yield* commit(
      text(bob, conversation, "mine", { at: 4 }),
      edit(bob, conversation, 4, "yours", { at: 5 }),
      edit(bob, conversation, 4, "ours", { at: 6 })
    )
    assert.deepEqual(yield* placesFound("mine", alice, conversation), [])
    assert.deepEqual(yield* placesFound("yours", alice, conversation), [])
    assert.deepEqual(yield* placesFound("ours", alice, conversation), [4])
  }),

  searchCase("edits, reactions and changes of a group are nothing that is found", function*(names) {
    const { alice, bob, group, tea } = names
    yield* commit(
      created(group, alice, { [bob]: "member" }),
      text(alice, tea, "cake"),
      react(bob, tea, 2, "tea"),
      edit(alice, tea, 2, "tea")
    )
    assert.deepEqual(yield* placesFound("tea", bob, tea), [2])
    assert.deepEqual(yield* placesFound("created", bob, tea), [])
    assert.deepEqual((yield* findAll("", { user: bob, sender: alice })).map(({ entry }) => entry.seq), [2])
  }),

  searchCase("a deleted text is not found", function*({ alice, bob, conversation }) {
    yield* commit(text(alice, conversation, "a secret"), text(alice, conversation, "no secret"))
    assert.deepEqual(yield* placesFound("secret", bob, conversation), [2, 1])
    yield* commit(remove(alice, conversation, 1))
    assert.deepEqual(yield* placesFound("secret", bob, conversation), [2])
    assert.deepEqual((yield* findAll("", { user: bob, sender: alice })).map(({ entry }) => entry.seq), [2])
    yield* commit(
      text(bob, conversation, "said and taken back", { at: 9 }),
      remove(bob, conversation, 4)
    )
    assert.deepEqual(yield* placesFound("said", alice, conversation), [])
  }),

  searchCase(
    "an erased user's texts are not found, and whoever has the name next finds nothing older",
    function*(names) {
      const { alice, bob, conversation, group, store, tea } = names
      yield* commit(
        created(group, bob, { [alice]: "member" }),
        text(alice, tea, "word of alice"),
        text(bob, tea, "word of bob"),
        text(alice, conversation, "word of alice"),
        text(bob, conversation, "word of bob")
      )
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* textsFound("word", bob), ["word of bob", "word of bob"])
      assert.deepEqual(yield* textsFound("alice", bob), [])
      assert.deepEqual(yield* textsFound("word", alice), [])
      yield* commit(text(alice, conversation, "a new word", { at: 2_000 }))
      assert.deepEqual(yield* textsFound("word", alice), ["a new word"])
    }
  ),

  searchCase("what was trimmed is not found, and what was kept is", function*({ alice, bob, store }) {
    const conversation = Conversation.direct(alice, bob)
    const since = (yield* Clock.currentTimeMillis) - 40
    yield* commit(...Arr.range(1, 40).map((i) => text(alice, conversation, `word ${i}`, { at: since + i })))
    yield* commit(edit(alice, conversation, 3, "early words", { at: since + 40 }))
    yield* store.trim({ before: since + 31 })
    assert.deepEqual(yield* placesFound("word", bob, conversation), Arr.range(31, 40).toReversed())
    assert.deepEqual(yield* placesFound("early", bob, conversation), [])
  })
]
