/** How a line that ends is made again. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Latch, Logger } from "effect"
import { TestClock } from "effect/testing"
import { keepOpen, LineEnded } from "../../../src/services/cluster/keepOpen.ts"
import { Pulse } from "../../../src/services/cluster/Pulse.ts"

describe("a line", () => {
  it.effect("is tried again after 100 ms to 2 s, and why it ended is told once until it has worked again", () => {
    const told: Array<unknown> = []
    const logger = Logger.make(({ message }) => told.push(message))
    return Effect.gen(function*() {
      const pulse = new Pulse()
      const attempts: Array<number> = []
      const start = yield* Clock.currentTimeMillis
      let works = false
      const run = Effect.gen(function*() {
        attempts.push((yield* Clock.currentTimeMillis) - start)
        if (!works) return yield* new LineEnded({ why: "refused" })
        pulse.begin()
        pulse.heard()
        return yield* Effect.never
      })
      const end = Latch.makeUnsafe(false)
      yield* keepOpen({
        name: "test",
        pulse,
        run: Effect.raceFirst(run, Effect.andThen(end.await, Effect.fail(new LineEnded({ why: "cut" })))),
        probe: () => {},
        look: () => {},
        end: () => {},
        isSaid: Latch.makeUnsafe(true)
      })
      yield* TestClock.adjust("8 seconds")
      assert.deepStrictEqual(attempts, [0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100])
      assert.strictEqual(told.length, 1)
      works = true
      yield* TestClock.adjust("2 seconds")
      assert.isTrue(pulse.isHealthy)
      works = false
      attempts.length = 0
      yield* end.open
      yield* end.close
      yield* TestClock.adjust("1 second")
      assert.isFalse(pulse.isHealthy)
      assert.strictEqual(told.length, 2)
      assert.deepStrictEqual(attempts.map((at) => at - attempts[0]!), [0, 200, 600])
    }).pipe(Effect.scoped, Effect.provide(Logger.layer([logger])))
  })

  it("is healthy from the first probe that comes back until five looks without one; the sixth makes it anew", () => {
    const pulse = new Pulse()
    assert.strictEqual(pulse.look(), "nothing")
    pulse.heard()
    assert.isFalse(pulse.isHealthy)
    pulse.begin()
    assert.isFalse(pulse.isHealthy)
    pulse.heard()
    assert.isTrue(pulse.isHealthy)
    assert.deepStrictEqual(
      [1, 2, 3, 4, 5].map(() => [pulse.look(), pulse.isHealthy]),
      [["nothing", true], ["probe", true], ["nothing", true], ["probe", true], ["nothing", true]]
    )
    assert.strictEqual(pulse.look(), "renew")
    assert.isFalse(pulse.isHealthy)
    assert.isTrue(pulse.end())
    assert.isFalse(pulse.end())
  })
})
