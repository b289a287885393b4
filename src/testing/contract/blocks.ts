/** Blocks are spans of time. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import { commit, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const blockCases: ReadonlyArray<ContractCase> = [
  contractCase("blocks are spans of time, sorted", function*({ alice, bob, carol, store }) {
    assert.deepEqual(yield* store.setBlock(alice, carol, true, 10), [{ blocked: carol, since: 10 }])
    yield* store.setBlock(alice, bob, true, 11)
    assert.deepEqual(yield* store.setBlock(alice, bob, true, 12), [{ blocked: bob, since: 11 }])
    yield* store.setBlock(alice, carol, false, 20)
    yield* store.setBlock(alice, carol, false, 21)
    yield* store.setBlock(alice, carol, true, 30)
    assert.deepEqual(yield* store.blocks(alice), [
      { blocked: bob, since: 11 },
      { blocked: carol, since: 10, until: 20 },
      { blocked: carol, since: 30 }
    ])
    // Ended and begun again in the same millisecond: it never ended.
    yield* store.setBlock(alice, carol, false, 30)
    yield* store.setBlock(alice, carol, true, 30)
    assert.deepEqual((yield* store.blocks(alice)).at(-1), { blocked: carol, since: 30 })
    assert.deepEqual(yield* store.blocks(bob), [])
  }),

  contractCase(
    "of a name 16 spans are kept: those with the shortest pause between them become one",
    function*({ alice, bob, store }) {
      // Pauses of 10, but for one of 5, after the third.
      for (let i = 0; i < 16; i++) {
        const from = 100 + i * 20 - (i > 2 ? 5 : 0)
        yield* store.setBlock(alice, bob, true, from)
        yield* store.setBlock(alice, bob, false, from + 10)
      }
      const before = yield* store.blocks(alice)
      assert.equal(before.length, 16)
      const after = yield* store.setBlock(alice, bob, true, 1_000)
      assert.deepEqual(after, [
        ...before.slice(0, 2),
        { blocked: bob, since: 140, until: 165 },
        ...before.slice(4),
        { blocked: bob, since: 1_000 }
      ])
      assert.deepEqual(yield* store.blocks(alice), after)
      for (let at = 1_001; at < 1_101; at++) yield* store.setBlock(alice, bob, at % 2 === 0, at)
      assert.equal((yield* store.blocks(alice)).length, 16)
      assert.deepEqual((yield* store.blocks(alice)).at(-1), { blocked: bob, since: 1_000 })
    }
  ),

  contractCase(
    "a block that no time has passed in is none, and one that begins before the last ended goes on",
    function*({ alice, bob, store }) {
      yield* store.setBlock(alice, bob, true, 50)
      assert.deepEqual(yield* store.setBlock(alice, bob, false, 50), [])
      yield* store.setBlock(alice, bob, true, 100)
      yield* store.setBlock(alice, bob, false, 200)
      assert.deepEqual(yield* store.setBlock(alice, bob, true, 150), [{ blocked: bob, since: 100 }])
    }
  ),

  contractCase(
    "an end that was asked before a block, and is done after it, ends nothing",
    function*({ alice, bob, store }) {
      yield* store.setBlock(alice, bob, true, 100_000)
      assert.deepEqual(yield* store.setBlock(alice, bob, false, 99_000), [{ blocked: bob, since: 100_000 }])
      // Of a clock that is an hour behind it is an end all the same.
      assert.deepEqual(yield* store.setBlock(alice, bob, false, 10), [])
    }
  ),

  contractCase("of many who block and unblock at once, one comes last", function*({ alice, bob, store }) {
    yield* Effect.forEach(
      Array.range(1, 30),
      (i) => store.setBlock(alice, bob, i % 3 > 0, i * 10),
      { concurrency: 6 }
    )
    yield* store.setBlock(alice, bob, true, 1_000)
    const spans = yield* store.blocks(alice)
    assert.equal(spans.filter(({ until }) => until === undefined).length, 1)
    assert.equal(spans.at(-1)?.until, undefined)
    for (const [i, { until }] of spans.slice(0, -1).entries()) assert.ok(until! < spans[i + 1]!.since)
  }),

  contractCase(
    "the latest time is that of an entry or of a block, whichever is later than now",
    function*({ alice, bob, conversation, store }) {
      const base = yield* store.latest(0)
      assert.equal(yield* store.latest(base + 7), base + 7)
      yield* commit(text(alice, conversation, "hi", { at: base + 10 }))
      assert.equal(yield* store.latest(base), base + 10)
      yield* store.setBlock(alice, bob, true, base + 20)
      assert.equal(yield* store.latest(base), base + 20)
      yield* store.setBlock(alice, bob, false, base + 30)
      assert.equal(yield* store.latest(base + 1), base + 30)
    }
  )
]
