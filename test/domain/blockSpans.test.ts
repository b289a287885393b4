/** How many spans of blocks are kept, and what becomes of a file that has more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { begin, type BlockSpan, end, isWithheld, maxSpans, maxSpansOfName, Spans } from "../../src/domain/blockSpans.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { dataFile, inDatabase, withStore } from "../support/dataFiles.ts"
import { olderFile } from "../support/olderFile.ts"

const alice = UserId.make("alice")
const name = (i: number) => UserId.make(`u${i}`)
const int = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))

/** As the version before wrote it. */
const older = (filename: string, rows: string) =>
  Effect.andThen(
    olderFile(filename, 2),
    Effect.sync(() =>
      inDatabase(filename, (db) =>
        db.exec(`
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
        INSERT INTO block_spans (user_id, blocked, since, until, delivered_seq, read_seq) ${rows}`))
    )
  )

describe("the spans of blocks", () => {
  it.effect.prop(
    "what is looked up by name and time is what is said of all of them",
    [Schema.Array(Schema.Struct({ name: int(3), on: Schema.Boolean, after: int(5) })), int(300)],
    ([changes, at]) =>
      Effect.sync(() => {
        const spans = new Spans()
        let now = 1
        for (const { after, name: i, on } of changes) {
          now += after
          const known = spans.of(name(i))
          spans.replace(name(i), on ? begin(known, { blocked: name(i), since: now }) : end(known, now))
        }
        const all = [0, 1, 2, 3].flatMap((i) => spans.of(name(i)))
        for (const i of [0, 1, 2, 3]) {
          const said = { sender: name(i), at }
          assert.strictEqual(spans.withholds(said), isWithheld(all, said))
          assert.isAtMost(spans.of(name(i)).length, maxSpansOfName)
        }
        const active = all.filter(({ until }) => until === undefined).map(({ blocked }) => blocked)
        assert.deepStrictEqual([spans.names(), spans.blocked], [active, active.length])
      })
  )

  it.effect.prop(
    "some cover others where they withhold whatever those do",
    [Schema.Array(Schema.Struct({ on: Schema.Boolean, after: int(3), ofBoth: Schema.Boolean }))],
    ([changes]) =>
      Effect.sync(() => {
        const bob = name(0)
        const [some, others] = [new Spans(), new Spans()]
        let now = 1
        for (const { after, ofBoth, on } of changes) {
          now += after
          for (const spans of ofBoth ? [some, others] : [others]) {
            const known = spans.of(bob)
            spans.replace(bob, on ? begin(known, { blocked: bob, since: now }) : end(known, now))
          }
        }
        const times = Array.from({ length: now + 1 }, (_, at) => ({ sender: bob, at }))
        const isSo = (one: Spans, other: Spans) => times.every((said) => !other.withholds(said) || one.withholds(said))
        assert.deepStrictEqual(
          [some.covers(others), others.covers(some), some.covers(new Spans())],
          [isSo(some, others), isSo(others, some), true]
        )
      })
  )

  it.effect("of a user 4,000 are kept: past that those that ended longest ago are forgotten, no block that holds", () =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      const known = new Spans()
      for (let i = 0; i < maxSpans + 50; i++) {
        // The first ones hold until the end.
        const spans = yield* store.setBlock(alice, name(i), true, 10 * i + 1)
        known.replace(name(i), spans)
        if (i >= 20) known.replace(name(i), yield* store.setBlock(alice, name(i), false, 10 * i + 5))
      }
      const all = yield* store.blocks(alice)
      assert.strictEqual(all.length, 3_049)
      const names = new Set(all.map(({ blocked }) => blocked))
      assert.deepStrictEqual([19, 20, 1_020, 1_021].map((i) => names.has(name(i))), [true, false, false, true])
      // What a server knows of its users is bounded alike.
      const kept: Array<BlockSpan> = []
      for (let i = 0; i < maxSpans + 50; i++) kept.push(...known.of(name(i)))
      assert.sameDeepMembers(kept, [...all])
    }).pipe(Effect.provide(MemoryMessageStore.layer())))

  it.effect("on a disk too", () =>
    Effect.gen(function*() {
      const file = yield* dataFile
      yield* withStore(file, MessageStore)
      inDatabase(file, (db) =>
        db.exec(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${maxSpans - 1})
        INSERT INTO block_spans SELECT 'alice', 'u' || i, 10 * i + 1, 10 * i + 5, 0, 0, 0, 0 FROM n`))
      yield* withStore(
        file,
        Effect.gen(function*() {
          const store = yield* MessageStore
          yield* store.setBlock(alice, name(0), true, 100_000)
          const all = yield* store.blocks(alice)
          assert.strictEqual(all.length, 3_000)
          assert.deepStrictEqual(
            all.filter(({ blocked }) =>
              blocked === name(0)
            ),
            [
              { blocked: name(0), since: 100_000 }
            ]
          )
        })
      )
    }))

  it.effect("a file with 50,000 spans of one name has 16 afterwards, which hide all that was hidden", () =>
    Effect.gen(function*() {
      const file = yield* dataFile
      yield* older(
        file,
        "SELECT 'alice', 'u1', 10 * i, CASE WHEN i < 50000 THEN 10 * i + 5 + i % 4 END, i, i / 2 FROM n"
      )
      const spans = yield* withStore(file, Effect.flatMap(MessageStore, (store) => store.blocks(alice)))
      assert.strictEqual(spans.length, maxSpansOfName)
      assert.deepStrictEqual([spans[0]?.since, spans.at(-1)], [
        0,
        { blocked: name(1), since: spans.at(-1)!.since }
      ] as never)
      for (let i = 0; i < 50_000; i++) {
        assert.isTrue(isWithheld(spans, { sender: name(1), at: 10 * i + i % 5 }), `${i}`)
      }
    }))

  it.effect("and one with as many names the blocks that began last, and the last of those that are over", () =>
    Effect.gen(function*() {
      const file = yield* dataFile
      yield* older(
        file,
        "SELECT 'alice', 'u' || i, 10 * i, CASE WHEN i % 2 = 0 THEN 10 * i + 5 END, 1, 1 FROM n" +
          " UNION ALL SELECT 'bob', 'u7', 0, NULL, 1, 1"
      )
      const of = (user: UserId) => withStore(file, Effect.flatMap(MessageStore, (store) => store.blocks(user)))
      const all = yield* of(alice)
      const active = all.filter(({ until }) => until === undefined)
      assert.deepStrictEqual([active.length, all.length - active.length], [10_000, 3_000])
      assert.isTrue(all.some(({ blocked }) => blocked === name(49_999)))
      assert.deepStrictEqual(yield* of(UserId.make("bob")), [{ blocked: name(7), since: 0 }])
    }))
})
