/** P10 A journal is answered for in time, like the store that it belongs to, and counts together with it. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { UserId } from "../../../src/domain/Ids.ts"
import { BoundedStore } from "../../../src/services/storage/BoundedStore.ts"
import { Journal } from "../../../src/services/storage/Journal.ts"
import { MessageStore, type StoreError } from "../../../src/services/storage/MessageStore.ts"
import { maxHanging } from "../../../src/services/storage/storeBounds.ts"
import { StoreHealth } from "../../../src/services/storage/StoreHealth.ts"
import { settle } from "../../support/actors.ts"
import { Moody } from "../../support/moodyStore.ts"
import { memoryWith } from "../../support/stores.ts"

const bounded = <E>(store: Layer.Layer<MessageStore, E>) =>
  Layer.build(BoundedStore.layer.pipe(Layer.provideMerge(StoreHealth.layer), Layer.provide(store)))

const questions = (journal: Journal["Service"]) => [
  journal.open("node"),
  journal.positions,
  journal.since(new Map(), { limit: 1 }),
  journal.entries([]),
  journal.beat(1),
  journal.end(1),
  journal.nextOrder,
  journal.key,
  journal.putTicket("hash", "body", 1),
  journal.takeTicket("hash", 1)
]

describe("a journal as the server uses it", () => {
  for (const mood of ["silent", "deaf", "dying", "failing"] as const) {
    it.effect(`every question to one that is ${mood} fails within 5 seconds`, () =>
      Effect.gen(function*() {
        const store = new Moody()
        const context = yield* bounded(store.layer)
        const journal = Context.getUnsafe(context, Journal)
        store.only = new Set(Object.keys(journal))
        store.mood = mood
        const fibers = yield* Effect.forEach(
          questions(journal),
          (question) => Effect.forkChild(Effect.exit(Effect.asVoid(question as Effect.Effect<unknown, unknown>)))
        )
        yield* settle
        yield* TestClock.adjust("5 seconds")
        for (const fiber of fibers) {
          const exit = yield* Fiber.join(fiber)
          assert.isTrue(Exit.isFailure(exit) && !Exit.hasDies(exit), String(exit))
        }
        yield* store.wake
      }).pipe(Effect.scoped))
  }

  it.effect("what hangs is counted together with what hangs in the store", () =>
    Effect.gen(function*() {
      const store = new Moody()
      const context = yield* bounded(store.layer)
      const journal = Context.getUnsafe(context, Journal)
      const calls = [journal.positions, Context.getUnsafe(context, MessageStore).blocks(UserId.make("alice"))]
        .map((call) => Effect.asVoid<unknown, StoreError, never>(call))
      store.only = new Set(["blocks", "positions"])
      store.mood = "deaf"
      for (let i = 0; i < maxHanging.asks; i++) {
        yield* Effect.forkChild(Effect.ignore(calls[i % 2]!))
      }
      yield* settle
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(store.hanging, maxHanging.asks)
      for (const call of calls) assert.isTrue(Exit.isFailure(yield* Effect.exit(call)))
      assert.strictEqual(store.hanging, maxHanging.asks)
      yield* store.wake
    }).pipe(Effect.scoped))

  it.effect("a store without one has none", () =>
    Effect.gen(function*() {
      const context = yield* bounded(memoryWith(() => ({})))
      assert.isTrue(Context.getOption(context, Journal)._tag === "None")
    }).pipe(Effect.scoped))
})
