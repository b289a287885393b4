/** How others follow what was written. */
import { Array, Clock } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { remove, shown, text } from "../contract/commands.ts"
import { type JournalCase, journalCase, writer } from "./JournalCase.ts"

export const followingCases: ReadonlyArray<JournalCase> = [
  journalCase(
    "P5 whoever follows is told what is past their positions, and of epochs they do not know from the first on",
    function*({ alice, conversation, journal, written }) {
      const [a, b, c] = [yield* writer("a"), yield* writer("b"), yield* writer("c")]
      for (const each of [a, b, a, c, a]) yield* each.say(text(alice, conversation))
      const places = ({ rows }: { readonly rows: ReadonlyArray<{ epoch: number; offset: number }> }) =>
        rows.map(({ epoch, offset }) => [epoch, offset])
      assert.deepEqual(places(yield* written([a, b, c])), [
        ...[1, 2, 3].map((offset) => [a.epoch, offset]),
        [b.epoch, 1],
        [c.epoch, 1]
      ])
      assert.deepEqual(places(yield* written([a, b, c], [[a.epoch, 1], [b.epoch, 1]])), [
        [a.epoch, 2],
        [a.epoch, 3],
        [c.epoch, 1]
      ])
      assert.deepEqual(places(yield* written([a, b, c], yield* journal.positions)), [])
    }
  ),

  journalCase(
    "one's own epoch can be left out, and is among the epochs all the same",
    function*({ alice, bob, conversation, journal }) {
      const before = yield* journal.positions
      const [a, b] = [yield* writer("a"), yield* writer("b")]
      yield* a.say(text(alice, conversation))
      yield* b.say(text(bob, conversation))
      const { epochs, rows } = yield* journal.since(before, { limit: 10, except: a.epoch })
      assert.deepEqual(rows.map(({ epoch }) => epoch), [b.epoch])
      assert.ok(epochs.some(({ epoch }) => epoch === a.epoch))
    }
  ),

  journalCase(
    "no more is told at once than was asked for, and that there is more",
    function*({ alice, conversation, journal }) {
      const known = new Map(yield* journal.positions)
      const [a, b] = [yield* writer("a"), yield* writer("b")]
      for (const each of [a, a, a, b, b]) yield* each.say(text(alice, conversation))
      const pages: Array<ReadonlyArray<unknown>> = []
      while (true) {
        const { hasMore, rows } = yield* journal.since(known, { limit: 2 })
        pages.push([...rows.map(({ epoch, offset }) => [epoch, offset]), hasMore])
        for (const { epoch, offset } of rows) known.set(epoch, offset)
        if (!hasMore) break
        assert.ok(rows.length > 0, "a page that says that there are more has some")
      }
      assert.deepEqual(pages, [
        [[a.epoch, 1], [a.epoch, 2], true],
        [[a.epoch, 3], [b.epoch, 1], true],
        [[b.epoch, 2], false]
      ])
    }
  ),

  journalCase(
    "positions are the last offset of each epoch, and 0 before it has written",
    function*({ alice, conversation, journal }) {
      const [a, b] = [yield* writer("a"), yield* writer("b")]
      yield* a.say(text(alice, conversation))
      yield* a.say(text(alice, conversation))
      const positions = yield* journal.positions
      assert.deepEqual([positions.get(a.epoch), positions.get(b.epoch)], [2, 0])
    }
  ),

  journalCase(
    "P5 what an epoch wrote late is found, though it was given up and others have gone on",
    function*({ alice, bob, conversation, journal, written }) {
      const a = yield* writer("node")
      yield* a.say(text(alice, conversation))
      const b = yield* writer("node")
      yield* journal.end(a.epoch)
      yield* b.say(text(bob, conversation))
      const known = yield* journal.positions
      yield* a.say(text(alice, conversation))
      assert.deepEqual((yield* written([a, b], known)).rows, [
        { ...a.at(2), runs: [{ conversation, from: 3, to: 3, after: b.at(1) }], notes: [] }
      ])
    }
  ),

  journalCase(
    "entries come in the order of the runs that they are asked by, as they are now",
    function*({ alice, bob, conversation, journal, store, user }) {
      const a = yield* writer("a")
      const other = Conversation.direct(alice, user("else"))
      const old = Conversation.direct(alice, user("old"))
      const at = yield* Clock.currentTimeMillis
      yield* a.say(
        ...Array.range(1, 5).map((i) => text(alice, conversation, `${i}`, { at })),
        text(alice, other, "other", { at })
      )
      yield* a.say(remove(alice, conversation, 2), text(bob, conversation, "7"))
      yield* a.say(text(alice, old, "gone", { at: at - 2 }))
      yield* store.trim({ before: at - 1 })
      const found = yield* journal.entries([
        { conversation, from: 6, to: 7 },
        { conversation: other, from: 1, to: 1 },
        { conversation: old, from: 1, to: 1 },
        { conversation, from: 1, to: 3 },
        { conversation, from: 2, to: 2 },
        { conversation: Conversation.direct(bob, bob), from: 1, to: 1 }
      ])
      assert.deepEqual(found.map((entries) => entries.map((entry) => `${entry.seq} ${shown(entry)}`)), [
        ["6 delete", "7 7"],
        ["1 other"],
        [],
        ["1 1", "2 deleted", "3 3"],
        ["2 deleted"],
        []
      ])
      const { entries } = yield* store.history({ conversation, after: 5, limit: 10 })
      assert.deepEqual(found[0], entries)
      assert.deepEqual(yield* journal.entries([]), [])
    }
  )
]
