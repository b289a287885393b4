/** What is removed, and what a store still has to know of it. */
import { Array, Clock, Effect } from "effect"
import assert from "node:assert/strict"
import type { Append } from "../../services/storage/MessageStore.ts"
import { behind, commit, created, edit, entries, many, react, remove, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const retentionCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "retention: first_seq moves, the head stays, cursors behind it begin at the first",
    function*({ alice, bob, conversation, store }) {
      const since = (yield* Clock.currentTimeMillis) - 40
      yield* many(alice, conversation, 30, since)
      // Other conversations of a shared store are older than this one's times.
      assert.ok((yield* store.trim({ before: since + 11 })) >= 10)
      const page = yield* store.history({ conversation, after: 0, limit: 3 })
      assert.deepEqual([page.firstSeq, page.headSeq, page.entries.map((e) => e.seq)], [11, 30, [11, 12, 13]])
      assert.deepEqual(yield* behind(bob), [{ conversation, received: 10, head: 30 }])
      assert.equal(yield* store.trim({ before: since + 11 }), 0)
      assert.deepEqual(
        yield* commit(text(alice, conversation, "next", { at: since + 31 }), edit(alice, conversation, 3, "gone")),
        ["31", "not_found"]
      )
    }
  ),

  contractCase(
    "P3 a retry is known for a week, also when what it repeats was removed",
    function*({ alice, conversation, group, store }) {
      const at = yield* Clock.currentTimeMillis
      const say = (body: string, id?: string) =>
        text(alice, conversation, body, { at, ...(id === undefined ? undefined : { id }) })
      const long = "long ".repeat(2_000)
      const said: ReadonlyArray<Append> = [
        say("one", "1"),
        say(long, "2"),
        edit(alice, conversation, 1, "one!", { at, id: "3" }),
        react(alice, conversation, 2, "👍", false, { at, id: "4" }),
        say("to be deleted", "5"),
        remove(alice, conversation, 5, { at, id: "6" })
      ]
      const begun = created(group, alice, {}, undefined, { at, id: "7" })
      yield* commit(...said, begun)
      const first = (yield* store.commit(said, [])).appends
      // As many as one more would be; then nothing of these is left but their places.
      yield* commit(...Array.range(0, 299).map((i) => say(`more ${i}`)))
      yield* store.trim({ keep: 0 })
      assert.deepEqual(yield* entries(conversation), [])
      assert.deepEqual((yield* store.commit(said, [])).appends, first)
      assert.deepEqual(yield* commit(begun, say("one!", "1"), say("short", "2"), say("again", "5")), [
        "1 again",
        "id_conflict",
        "id_conflict",
        "id_conflict"
      ])
      assert.deepEqual(
        yield* commit(said[0]!, edit(alice, conversation, 1, "there is no such message", { at }), say("new", "8")),
        ["1 again", "not_found", "307"]
      )
    }
  ),

  contractCase(
    "P3 the ids of a user who is erased are forgotten, and mean something new",
    function*({ alice, conversation, store }) {
      const at = yield* Clock.currentTimeMillis
      yield* commit(text(alice, conversation, "old", { at, id: "1" }))
      yield* store.trim({ keep: 0 })
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* commit(text(alice, conversation, "new", { at, id: "1" })), ["2"])
    }
  ),

  contractCase("what can only be a mistake removes nothing", function*({ alice, conversation, store }) {
    const now = yield* Clock.currentTimeMillis
    yield* commit(text(alice, conversation, "kept", { at: now }))
    for (
      const options of [
        { keep: -1 },
        { keep: 0.5 },
        { keep: Number.NaN },
        { before: now + 60_000 },
        { before: 1e99 },
        { before: Number.NaN },
        { before: Number.POSITIVE_INFINITY, keep: 1 }
      ]
    ) {
      const error = yield* Effect.orDie(Effect.flip(store.trim(options)))
      assert.match(error.message, /Nothing was removed/, JSON.stringify(options))
    }
    assert.equal((yield* entries(conversation)).length, 1)
  })
]
