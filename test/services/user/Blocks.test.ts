/** P8 What a user blocks on another server is known here however the store is when this server hears of it. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer } from "effect"
import { TestClock } from "effect/testing"
import { UserId } from "../../../src/domain/Ids.ts"
import { Cluster, type ClusterService } from "../../../src/services/cluster/Cluster.ts"
import type { Note } from "../../../src/services/cluster/Note.ts"
import { LogClock } from "../../../src/services/storage/LogClock.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { BlockLists } from "../../../src/services/user/Blocks.ts"
import { Moody } from "../../support/moodyStore.ts"

const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => UserId.make(name)) as [UserId, UserId, UserId]

const story = (
  name: string,
  body: (house: House) => Generator<Effect.Effect<any, unknown>, void, never>
) =>
  it.effect(name, () =>
    Effect.gen(function*() {
      const moody = new Moody()
      let note: (note: Note) => void = () => {}
      let missed: () => void = () => {}
      const cluster = {
        onNote: (listener: typeof note) => {
          note = listener
        },
        onMissed: (listener: typeof missed) => {
          missed = listener
        }
      }
      const context = yield* Layer.build(
        BlockLists.layer.pipe(
          Layer.provideMerge(LogClock.layer),
          Layer.provideMerge(moody.layer),
          // Nothing else of it is used here.
          Layer.provide(Layer.succeed(Cluster, cluster as unknown as ClusterService))
        )
      )
      let readings = 0
      const blocks = Context.get(context, BlockLists).join(alice, { readAgain: () => readings++ })
      yield* blocks.known()
      const elsewhere = Context.get(context, MessageStore)
      yield* Effect.gen(() =>
        body({
          clock: Context.get(context, LogClock),
          moody,
          blocks,
          readings: () => readings,
          elsewhere,
          note: (other) => note({ _tag: "Blocked", user: alice, other, on: true }),
          missed: () => missed()
        })
      )
    }).pipe(Effect.scoped))

interface Said {
  readonly sender: UserId
  readonly at: number
}

interface House {
  readonly clock: LogClock["Service"]
  readonly moody: Moody
  readonly blocks: ReturnType<BlockLists["Service"]["join"]>
  /** How often the connections of the user were asked to read again what was kept from them. */
  readonly readings: () => number
  readonly elsewhere: MessageStore["Service"]
  readonly note: (other: UserId) => void
  readonly missed: () => void
}

describe("a block that ends while another server's clock is ahead", () => {
  story("P4 P8 what it has withheld stays withheld, and what comes after it is not", function*({ blocks, clock }) {
    yield* blocks.set(bob, true)
    const [said, tomorrow] = [1_500, 86_400_000].map((at) => ({ sender: bob, at })) as [Said, Said]
    assert.deepStrictEqual([blocks.withholds(said), blocks.withholds(tomorrow)], [true, true])
    yield* blocks.set(bob, false)
    assert.isTrue(blocks.withholds(said))
    assert.isFalse(blocks.withholds({ sender: bob, at: clock.stamp() }))
    // Nobody's clock is taken for right that is a day ahead.
    assert.isBelow(clock.stamp(), 60_000)
  })

  story("it ends behind its beginning, whichever server said when that was", function*({ blocks, clock, elsewhere }) {
    yield* elsewhere.setBlock(alice, bob, true, 1_500)
    yield* blocks.refresh()
    yield* blocks.set(bob, false)
    assert.isFalse(blocks.has(bob))
    assert.deepStrictEqual(yield* elsewhere.blocks(alice), [{ blocked: bob, since: 1_500, until: 1_501 }])
    assert.isFalse(blocks.withholds({ sender: bob, at: clock.stamp() }))
  })
})

describe("blocks that another server has written", () => {
  story(
    "the store fails when it is told: it is read again until it answers",
    function*({ blocks, elsewhere, moody, note }) {
      yield* elsewhere.setBlock(alice, bob, true, 1)
      moody.mood = "failing"
      note(bob)
      yield* TestClock.adjust("5 seconds")
      assert.isFalse(blocks.has(bob))
      moody.mood = "well"
      yield* TestClock.adjust("1 second")
      assert.isTrue(blocks.has(bob))
    }
  )

  story("a change is on its way here: it is read after that", function*({ blocks, elsewhere, moody, note }) {
    yield* elsewhere.setBlock(alice, bob, true, 1)
    moody.mood = "deaf"
    moody.only = new Set(["setBlock"])
    yield* Effect.forkDetach(blocks.set(carol, true))
    yield* TestClock.adjust("1 second")
    note(bob)
    yield* TestClock.adjust("1 second")
    yield* moody.wake
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(blocks.names(), [bob, carol])
  })

  story("nobody knows what was told: they are read", function*({ blocks, elsewhere, missed }) {
    yield* elsewhere.setBlock(alice, bob, true, 1)
    missed()
    yield* TestClock.adjust("1 second")
    assert.isTrue(blocks.has(bob))
  })
})

describe("P4 a block that another server has ended, and could not say so", () => {
  const ended = (elsewhere: House["elsewhere"]) => elsewhere.setBlock(alice, bob, false, 500)

  story("found when it is ended here: what was kept is read again", function*({ blocks, elsewhere, readings }) {
    yield* elsewhere.setBlock(alice, bob, true, 1)
    yield* blocks.refresh()
    yield* ended(elsewhere)
    yield* TestClock.adjust("1 second")
    assert.isTrue(blocks.withholds({ sender: bob, at: 700 }))
    yield* blocks.set(bob, false)
    assert.deepStrictEqual([blocks.withholds({ sender: bob, at: 700 }), readings()], [false, 1])
  })

  story("found when another connection comes", function*({ blocks, elsewhere, readings }) {
    yield* elsewhere.setBlock(alice, bob, true, 1)
    yield* blocks.refresh()
    yield* ended(elsewhere)
    yield* blocks.refresh()
    assert.strictEqual(readings(), 1)
    // Nothing has changed since.
    yield* blocks.refresh()
    assert.strictEqual(readings(), 1)
  })

  story(
    "blocks that begin make nobody read again, nor those that end here",
    function*({ blocks, elsewhere, readings }) {
      yield* blocks.set(carol, true)
      yield* TestClock.adjust("1 second")
      yield* elsewhere.setBlock(alice, bob, true, 1)
      yield* blocks.refresh()
      yield* blocks.set(carol, false)
      yield* blocks.set(bob, false)
      assert.strictEqual(readings(), 0)
    }
  )

  story("while others cannot be told of eight, there is no ninth", function*({ blocks, readings }) {
    const told = Array.from({ length: 8 }, () => blocks.telling())
    assert.isTrue(Exit.isFailure(yield* Effect.exit(blocks.set(bob, true))))
    assert.isFalse(blocks.has(bob))
    told[0]!()
    yield* blocks.set(bob, true)
    assert.deepStrictEqual([blocks.has(bob), readings()], [true, 0])
  })

  story("a change that the store did not do for sure: until it is known, what is kept is in doubt", function*(
    { blocks, elsewhere, moody, readings }
  ) {
    yield* elsewhere.setBlock(alice, bob, true, 1)
    yield* blocks.refresh()
    yield* TestClock.adjust("1 second")
    moody.mood = "failing"
    moody.only = new Set(["setBlock"])
    let unsure = 0
    const ends = Effect.exit(blocks.set(bob, false, Effect.sync(() => unsure++)))
    yield* ends
    assert.deepStrictEqual([blocks.isDoubtful, unsure], [true, 1])
    // The store is not even asked to do it.
    moody.only = undefined
    yield* ends
    assert.strictEqual(unsure, 1)
    moody.mood = "well"
    yield* ended(elsewhere)
    yield* blocks.known()
    assert.deepStrictEqual([blocks.isDoubtful, blocks.has(bob), readings()], [false, false, 1])
  })
})
