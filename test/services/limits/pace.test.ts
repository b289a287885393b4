import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makePace } from "../../../src/services/limits/pace.ts"

const rate = { perSecond: 10, burst: 5 }

/** Asks for its turn, and notes that it came. */
const turns = (turn: Effect.Effect<void>, came: Array<string>, name: string) =>
  Effect.andThen(turn, Effect.sync(() => came.push(name)))

describe("a pace", () => {
  it.effect("lets a burst pass at once, and what is past it one after the other, in order", () =>
    Effect.gen(function*() {
      const pace = yield* makePace(rate)
      const came: Array<string> = []
      const fibers = yield* Effect.forEach(
        ["1", "2", "3", "4", "5", "6", "7"],
        (name) => Effect.forkChild(turns(pace("alice"), came, name), { startImmediately: true })
      )
      assert.deepStrictEqual(came, ["1", "2", "3", "4", "5"])
      yield* TestClock.adjust(99)
      assert.strictEqual(came.length, 5)
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(came, ["1", "2", "3", "4", "5", "6"])
      yield* TestClock.adjust(100)
      yield* Effect.forEach(fibers, Fiber.await)
      assert.strictEqual(came.at(-1), "7")
    }))

  it.effect("P6 nobody waits for anybody else", () =>
    Effect.gen(function*() {
      const pace = yield* makePace(rate)
      const came: Array<string> = []
      for (let i = 0; i < 50; i++) yield* Effect.forkChild(turns(pace("alice"), came, "alice"))
      yield* turns(pace("bob"), came, "bob")
      assert.strictEqual(came.filter((name) => name === "bob").length, 1)
    }))

  it.effect("who gives up while waiting owes nothing for it", () =>
    Effect.gen(function*() {
      const pace = yield* makePace(rate)
      const came: Array<string> = []
      for (let i = 0; i < 5; i++) yield* pace("alice")
      const impatient = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () => Effect.forkChild(turns(pace("alice"), came, "impatient"), { startImmediately: true })
      )
      yield* Effect.forEach(impatient, Fiber.interrupt)
      const patient = yield* Effect.forkChild(turns(pace("alice"), came, "patient"), { startImmediately: true })
      yield* TestClock.adjust(100)
      yield* Fiber.await(patient)
      assert.deepStrictEqual(came, ["patient"])
    }))
})
