/** What commits leave in the journal. */
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { GroupId } from "../../domain/Ids.ts"
import { change, created, received, text } from "../contract/commands.ts"
import { afters, fails, type JournalCase, journalCase, writer } from "./JournalCase.ts"

export const commitCases: ReadonlyArray<JournalCase> = [
  journalCase(
    "P5 a commit leaves one row, which tells of each conversation what it wrote there",
    function*({ alice, bob, conversation, group, tea, written }) {
      const a = yield* writer("a")
      yield* a.say(text(alice, conversation), text(bob, conversation))
      yield* a.say(
        created(group, alice, { [bob]: "member" }),
        text(bob, conversation),
        change(alice, group, { action: "renamed", name: "coffee" }),
        text(alice, tea)
      )
      const { rows } = yield* written([a])
      assert.deepEqual(rows, [
        { ...a.at(1), runs: [{ conversation, from: 1, to: 2 }], notes: [] },
        {
          ...a.at(2),
          runs: [
            { conversation: tea, from: 1, to: 3, version: 2 },
            { conversation, from: 3, to: 3, after: a.at(1) }
          ],
          notes: []
        }
      ])
    }
  ),

  journalCase(
    "offsets are contiguous; what makes nothing new has none",
    function*({ alice, bob, conversation, store, written }) {
      const a = yield* writer("a")
      yield* a.say(text(alice, conversation, "once", { id: "1" }))
      yield* a.say(text(alice, conversation, "once", { id: "1" }), text(bob, Conversation.group(GroupId.make("none"))))
      const { moves } = yield* store.commit([], [received(bob, conversation, 1)], { ...a.at(2), notes: [] })
      assert.equal(moves[0]?._tag, "Moved")
      yield* a.say(text(bob, conversation))
      assert.deepEqual((yield* written([a])).rows.map(({ offset }) => offset), [1, 2])
    }
  ),

  journalCase(
    "notes are a row, alone too, and come as they went in",
    function*({ alice, conversation, store, written }) {
      const a = yield* writer("a")
      const notes = [{ kind: "ban", id: "mallory" }, "two\u0000\ud800", [3, null, true]]
      yield* a.note(...notes)
      yield* store.commit([text(alice, conversation)], [], { ...a.at(2), notes: [4] })
      assert.deepEqual((yield* written([a])).rows, [
        { ...a.at(1), runs: [], notes },
        { ...a.at(2), runs: [{ conversation, from: 1, to: 1 }], notes: [4] }
      ])
    }
  ),

  journalCase(
    "P1 a commit fails whose position is taken or whose epoch is not there; nothing of it is kept, nor its offset used",
    function*({ alice, conversation, store, written }) {
      const a = yield* writer("a")
      yield* a.say(text(alice, conversation, "one"))
      const lost = (epoch: number, offset: number) =>
        fails(store.commit([text(alice, conversation, "lost")], [], { epoch, offset, notes: [] }))
      assert.deepEqual([yield* lost(a.epoch, 1), yield* lost(0, 1)], [true, true])
      const [result] = yield* a.say(text(alice, conversation, "two"))
      assert.deepEqual([result?._tag === "Accepted" && result.seq, afters([result!])], [2, [a.at(1)]])
      assert.deepEqual((yield* written([a])).rows.map(({ offset }) => offset), [1, 2])
    }
  ),

  journalCase(
    "P2 each entry says which commit wrote the one before it, in whichever epoch",
    function*({ alice, bob, conversation, user, written }) {
      const [a, b] = [yield* writer("a"), yield* writer("b")]
      const other = Conversation.direct(alice, user("else"))
      assert.deepEqual(afters(yield* a.say(text(alice, conversation, "1", { id: "1" }))), [undefined])
      assert.deepEqual(
        afters(
          yield* b.say(
            text(bob, conversation),
            text(alice, conversation, "1", { id: "1" }),
            text(alice, other),
            text(bob, conversation)
          )
        ),
        [a.at(1), "again", undefined, b.at(1)]
      )
      assert.deepEqual(afters(yield* b.say(text(alice, other))), [b.at(1)])
      assert.deepEqual(afters(yield* a.say(text(bob, conversation), text(alice, other))), [b.at(1), b.at(2)])
      const runs = (yield* written([a, b])).rows.flatMap(({ epoch, offset, runs }) =>
        runs.map((run) => [epoch, offset, run.conversation, run.from, run.to, run.after])
      )
      assert.deepEqual(runs, [
        [a.epoch, 1, conversation, 1, 1, undefined],
        [a.epoch, 2, conversation, 4, 4, b.at(1)],
        [a.epoch, 2, other, 3, 3, b.at(2)],
        [b.epoch, 1, conversation, 2, 3, a.at(1)],
        [b.epoch, 1, other, 1, 1, undefined],
        [b.epoch, 2, other, 2, 2, b.at(1)]
      ])
    }
  ),

  journalCase(
    "what is committed without a stamp is told to nobody, and the next entry is after the last that was",
    function*({ alice, bob, conversation, store, written }) {
      const a = yield* writer("a")
      yield* a.say(text(alice, conversation))
      const { appends } = yield* store.commit([text(bob, conversation)], [])
      assert.deepEqual(afters(appends), [undefined])
      assert.deepEqual(afters(yield* a.say(text(alice, conversation))), [a.at(1)])
      const runs = (yield* written([a])).rows.flatMap(({ runs }) => runs)
      assert.deepEqual(runs.map(({ from, to }) => [from, to]), [[1, 1], [3, 3]])
    }
  )
]
