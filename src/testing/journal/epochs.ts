/** Who writes, for how long they are known, and what is forgotten. */
import assert from "node:assert/strict"
import { keptMillis } from "../../services/storage/Journal.ts"
import { text } from "../contract/commands.ts"
import { afters, fails, type JournalCase, journalCase, writer } from "./JournalCase.ts"

export const epochCases: ReadonlyArray<JournalCase> = [
  journalCase(
    "epochs say whose they are, how long they are silent, and that they have ended",
    function*({ age, journal, written }) {
      const [a, b] = [yield* writer("node a"), yield* writer("node b")]
      assert.notEqual(a.epoch, b.epoch)
      yield* age(60_000)
      assert.equal(yield* journal.beat(a.epoch), true)
      yield* journal.end(b.epoch)
      const [first, second] = (yield* written([a, b])).epochs
      assert.deepEqual([first?.epoch, first?.node, first?.first, first?.ended], [a.epoch, "node a", 1, false])
      assert.deepEqual([second?.epoch, second?.node, second?.first, second?.ended], [b.epoch, "node b", 1, true])
      assert.ok(first!.silentMillis < 60_000, `${first!.silentMillis}`)
      assert.ok(second!.silentMillis >= 60_000, `${second!.silentMillis}`)
    }
  ),

  journalCase("what is younger than ten minutes is kept", function*({ age, alice, conversation, journal, written }) {
    const [a, b] = [yield* writer("a"), yield* writer("b")]
    yield* a.say(text(alice, conversation))
    yield* journal.end(a.epoch)
    yield* age(keptMillis - 60_000)
    yield* journal.trim
    const { epochs, rows } = yield* written([a, b])
    assert.deepEqual(rows.map(({ epoch }) => epoch), [a.epoch])
    assert.deepEqual(epochs.map(({ epoch }) => epoch), [a.epoch, b.epoch])
  }),

  journalCase(
    "what is older is forgotten, and offsets go on; so are epochs that ended or were silent for as long",
    function*({ age, alice, conversation, journal, written }) {
      const [living, silent, ended] = [yield* writer("living"), yield* writer("silent"), yield* writer("ended")]
      for (const each of [living, living, silent, ended]) yield* each.say(text(alice, conversation))
      yield* age(keptMillis + 1_000)
      for (const each of [living, ended]) yield* journal.beat(each.epoch)
      yield* journal.end(ended.epoch)
      yield* journal.trim
      const all = [living, silent, ended]
      const gone = yield* written(all)
      assert.deepEqual(gone.rows, [])
      assert.deepEqual(gone.epochs.map(({ epoch, first }) => [epoch, first]), [[living.epoch, 3]])
      assert.equal((yield* journal.positions).get(living.epoch), 2)
      yield* living.say(text(alice, conversation))
      yield* age(keptMillis + 1_000)
      yield* living.say(text(alice, conversation))
      yield* journal.trim
      // Who knows no more than the second row sees by `first` that they were away for too long.
      const { epochs, rows } = yield* written(all, [[living.epoch, 2]])
      assert.deepEqual([epochs[0]?.first, rows.map(({ offset }) => offset)], [4, [4]])
    }
  ),

  journalCase(
    "an epoch that is forgotten gives no signs of life and writes nothing, and nobody is told to wait for it",
    function*({ age, alice, conversation, journal }) {
      const [a, b] = [yield* writer("a"), yield* writer("b")]
      yield* a.say(text(alice, conversation))
      yield* age(keptMillis + 1_000)
      yield* journal.beat(b.epoch)
      yield* journal.trim
      assert.deepEqual([yield* journal.beat(a.epoch), yield* journal.beat(b.epoch)], [false, true])
      assert.equal(yield* fails(a.say(text(alice, conversation))), true)
      const results = yield* b.say(text(alice, conversation), text(alice, conversation))
      assert.deepEqual(results.map((result) => result._tag === "Accepted" && result.seq), [2, 3])
      assert.deepEqual(afters(results), [undefined, b.at(1)])
    }
  )
]
