import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import * as Retention from "../../../src/services/storage/Retention.ts"

type Bounds = Parameters<MessageStore["Service"]["trim"]>[0]

/** A store that only writes down what it was asked to remove. */
const asked = (all: Array<Bounds>) =>
  Layer.succeed(
    MessageStore,
    {
      trim: (bounds: Bounds) => Effect.sync(() => all.push(bounds))
    } as Partial<MessageStore["Service"]> as MessageStore["Service"]
  )

const day = 86_400_000

describe("Retention", () => {
  it.effect("trims at once and once a minute, by what it was given and nothing else", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000 * day)
      const all: Array<Bounds> = []
      yield* Layer.build(Retention.layer({ days: 10, deviceDays: 365 }).pipe(Layer.provide(asked(all))))
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual(all[0], { before: 990 * day, devicesBefore: 635 * day })
      assert.strictEqual(all.length, 3)
      assert.deepStrictEqual(all[2], { before: 990 * day + 120_000, devicesBefore: 635 * day + 120_000 })
    }))

  it.effect("with nothing to bound it does nothing", () =>
    Effect.gen(function*() {
      const all: Array<Bounds> = []
      yield* Layer.build(Retention.layer({ days: 0 }).pipe(Layer.provide(asked(all))))
      yield* TestClock.adjust("1 hour")
      assert.isEmpty(all)
    }))
})
