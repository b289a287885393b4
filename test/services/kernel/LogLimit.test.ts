/** Lines that repeat are few, none of them is lost from the count, and one name hides no other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import type { UserId } from "../../../src/domain/Ids.ts"
import * as ActorScheduler from "../../../src/services/kernel/ActorScheduler.ts"
import * as LogLimit from "../../../src/services/kernel/LogLimit.ts"
import { makeTurns } from "../../../src/services/kernel/Turns.ts"

interface Line {
  readonly level: unknown
  readonly event: unknown
  readonly suppressed: unknown
}

/** Runs it and returns what was logged. */
const linesOf = (effect: Effect.Effect<unknown>) =>
  Effect.gen(function*() {
    const lines: Array<Line> = []
    const logger = Logger.make<unknown, void>(({ fiber, logLevel, message }) => {
      const { suppressed } = fiber.getRef(References.CurrentLogAnnotations)
      lines.push({ level: logLevel, event: Array.isArray(message) ? message[0] : message, suppressed })
    })
    yield* Effect.provide(effect, Layer.provideMerge(LogLimit.layer, Logger.layer([logger])))
    return lines
  })

const write = (name: string) => LogLimit.limited(name, Effect.logError(name))
const times = (n: number, effect: Effect.Effect<void>) => Effect.forEach(Array.from({ length: n }), () => effect)

describe("LogLimit", () => {
  it.effect("the first few are written, and the others counted, also when no other line comes", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf(Effect.gen(function*() {
        yield* times(1_000, write("Store.broke"))
        yield* write("Store.failed")
        yield* TestClock.adjust("5 minutes")
      }))
      assert.deepStrictEqual(lines.slice(0, 11).map(({ event, suppressed }) => [event, suppressed]), [
        ...Array.from({ length: 10 }, () => ["Store.broke", undefined]),
        ["Store.failed", undefined]
      ])
      assert.deepStrictEqual(lines.slice(11), [{ level: "Warn", event: "Store.broke", suppressed: 990 }])
    }))

  it.effect("for as long as it goes on, a few a minute", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf(Effect.gen(function*() {
        for (let second = 0; second < 600; second++) {
          yield* times(10, write("Store.broke"))
          yield* TestClock.adjust("1 second")
        }
        yield* TestClock.adjust("1 minute")
      }))
      assert.isAtMost(lines.length, 10 + 61 + 22)
      const written = lines.filter(({ level }) => level === "Error").length
      const counted = lines.reduce((sum, { suppressed }) => sum + (typeof suppressed === "number" ? suppressed : 0), 0)
      assert.strictEqual(written + counted, 6_000)
    }))

  it.effect("what an app's code does wrong again and again is such a line", () =>
    Effect.gen(function*() {
      const lines = yield* linesOf(Effect.scoped(Effect.gen(function*() {
        const { ask } = yield* makeTurns
        for (let i = 0; i < 50; i++) ask(`user${i}` as UserId, Effect.die("a mistake"))
        yield* ActorScheduler.idle
        yield* TestClock.adjust("1 minute")
      })))
      assert.deepStrictEqual(lines.map(({ suppressed }) => suppressed), [
        ...Array.from({ length: 10 }, () => undefined),
        40
      ])
    }))
})
