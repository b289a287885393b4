/** P5: what other servers commit is heard, whatever the bus carries, and nothing that the journal does not vouch for. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { Entry } from "../../../src/domain/Entry.ts"
import { MessageId, UserId } from "../../../src/domain/Ids.ts"
import { Follower } from "../../../src/services/cluster/Follower.ts"
import type { Note } from "../../../src/services/cluster/Note.ts"
import { Publisher } from "../../../src/services/cluster/Publisher.ts"
import * as Monotonic from "../../../src/services/kernel/Monotonic.ts"
import { type EpochState, Journal, type JournalRow, keptMillis } from "../../../src/services/storage/Journal.ts"

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
const conversation = Conversation.direct(alice, bob)

const entryOf = (seq: number): Entry => ({
  kind: "text",
  seq,
  message_id: MessageId.make(`m${seq}`),
  sender: alice,
  at: seq,
  text: `${seq}`
})

const row = (epoch: number, offset: number, seq: number, more: Partial<JournalRow> = {}): JournalRow => ({
  epoch,
  offset,
  runs: [{ conversation, from: seq, to: seq }],
  notes: [],
  ...more
})

const setUp = Effect.gen(function*() {
  const rows: Array<JournalRow> = []
  const epochs = new Map<number, Partial<EpochState>>([[1, {}]])
  const heard: Array<number | string> = []
  const journal = Journal.of({
    open: () => Effect.succeed(9),
    positions: Effect.sync(() =>
      new Map(
        Array.from(epochs.keys(), (epoch) =>
          [
            epoch,
            Math.max(0, ...rows.filter((each) => each.epoch === epoch).map(({ offset }) => offset))
          ] as const)
      )
    ),
    since: (known, { except }) =>
      Effect.sync(() => ({
        rows: rows.filter(({ epoch, offset }) => epoch !== except && offset > (known.get(epoch) ?? 0)),
        hasMore: false,
        epochs: Array.from(epochs, ([epoch, more]) => ({
          epoch,
          node: "other",
          silentMillis: 0,
          first: 1,
          ended: false,
          ...more
        }))
      })),
    entries: (runs) => Effect.succeed(runs.map(({ from }) => [entryOf(from)])),
    beat: () => Effect.succeed(true),
    end: () => Effect.void,
    trim: Effect.void,
    nextOrder: Effect.succeed(1),
    key: Effect.succeed(Redacted.make(new Uint8Array(32))),
    putTicket: () => Effect.void,
    takeTicket: () => Effect.undefined
  })
  const follower = new Follower(yield* journal.positions, {
    journal,
    publisher: new Publisher(journal, "self"),
    now: yield* Monotonic.now,
    noted: (note: Note) => heard.push(note._tag),
    seen: () => {},
    listener: {
      deliver: ({ entry, seq }) => {
        if (entry !== undefined) heard.push(seq)
        return true
      },
      flush: () => {},
      concerns: (asked) => asked === conversation,
      moved: () => {},
      typing: () => {},
      resync: () => heard.push("resync")
    }
  })
  const news = (epoch: number, offset: number, seq: number) =>
    follower.heard({
      epoch,
      offset,
      prev: offset - 1,
      items: [{ conversation, seq, entry: entryOf(seq) }],
      notes: []
    })
  return { epochs, follower, heard, news, rows }
})

describe("a follower", () => {
  it.effect("has from the bus at once what the journal has too, and from the journal what the bus loses, once each", () =>
    Effect.gen(function*() {
      const { follower, heard, news, rows } = yield* setUp
      news(1, 1, 1)
      news(1, 3, 3)
      assert.deepStrictEqual(heard, [1])
      rows.push(row(1, 1, 1), row(1, 2, 2), row(1, 3, 3))
      yield* follower.due
      yield* follower.read
      assert.deepStrictEqual(heard, [1, 2, 3])
      news(1, 2, 2)
      yield* follower.read
      assert.deepStrictEqual(heard, [1, 2, 3])
    }))

  it.effect("one gap is counted once, however much comes after it, and how the journal may be ahead is none", () =>
    Effect.gen(function*() {
      const { follower, news, rows } = yield* setUp
      news(1, 1, 1)
      news(1, 1, 1)
      assert.strictEqual(follower.gaps, 0)
      news(1, 3, 3)
      news(1, 4, 4)
      follower.reached({ epoch: 1, offset: 4 })
      assert.strictEqual(follower.gaps, 1)
      rows.push(row(1, 2, 2), row(1, 3, 3), row(1, 4, 4), row(1, 5, 5))
      yield* follower.read
      news(1, 5, 5)
      news(1, 6, 6)
      assert.strictEqual(follower.gaps, 1)
      // The last of it was lost, and only a sign of life tells so.
      follower.reached({ epoch: 1, offset: 7 })
      follower.reached({ epoch: 1, offset: 7 })
      assert.strictEqual(follower.gaps, 2)
    }))

  it.effect("P8 what is played again of an epoch that nobody has any more is not heard", () =>
    Effect.gen(function*() {
      const { epochs, follower, heard, news } = yield* setUp
      news(5, 1, 1)
      yield* follower.due
      yield* follower.read
      news(5, 1, 1)
      assert.deepStrictEqual(heard, [])
      // A young one is known as soon as the journal has been asked.
      epochs.set(5, {})
      yield* follower.read
      news(5, 1, 1)
      assert.deepStrictEqual(heard, [1])
    }))

  it.effect("a sign of life that is ahead is looked for", () =>
    Effect.gen(function*() {
      const { follower, heard, rows } = yield* setUp
      rows.push(row(1, 1, 1, { notes: [{ _tag: "Bans" }, { _tag: "Unheard of" }, 7] }))
      follower.reached({ epoch: 1, offset: 1 })
      yield* follower.due
      yield* follower.read
      assert.deepStrictEqual(heard, [1, "Bans"])
    }))

  it.effect("where rows are gone, or cannot be read, everybody reads the store anew, and it goes on from there", () =>
    Effect.gen(function*() {
      const { epochs, follower, heard, news, rows } = yield* setUp
      rows.push(row(1, 1, 1, { unreadable: true, runs: [] }))
      yield* follower.read
      assert.deepStrictEqual(heard, ["resync"])
      news(1, 2, 2)
      rows.push(row(1, 7, 7))
      epochs.set(1, { first: 7 })
      yield* follower.read
      assert.deepStrictEqual(heard, ["resync", 2, "resync"])
      news(1, 8, 8)
      assert.deepStrictEqual(heard.at(-1), 8)
    }))

  it.effect("who was away for long reads anew before anything else is heard", () =>
    Effect.gen(function*() {
      const { follower, heard, news, rows } = yield* setUp
      yield* TestClock.adjust(keptMillis)
      rows.push(row(1, 1, 1), row(1, 2, 2))
      news(1, 1, 1)
      assert.deepStrictEqual(heard, [])
      yield* follower.due
      yield* follower.read
      assert.deepStrictEqual(heard, ["resync"])
      news(1, 3, 3)
      assert.deepStrictEqual(heard, ["resync", 3])
    }))
})
