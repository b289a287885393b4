/** What is done every so often, and how little a server without users does. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeTicker } from "../../../src/services/kernel/repeatForever.ts"
import { actors, settle, startUser } from "../../support/actors.ts"

describe("makeTicker", () => {
  it.effect("takes a turn after each pause while there is something to do, and none otherwise", () =>
    Effect.gen(function*() {
      let left = 0
      let turns = 0
      const turn = Effect.suspend(() => {
        left--
        return ++turns === 2 ? Effect.die(new Error("a defect")) : Effect.void
      })
      const ticker = yield* makeTicker("Test", { turn, pause: "1 second", isIdle: () => left <= 0 })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(turns, 0)
      left = 3
      ticker.wake()
      yield* TestClock.adjust("1 second")
      assert.strictEqual(turns, 1)
      // The one that died had a second more to rest.
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([turns, left], [3, 0])
    }))
})

describe("an idle server", () => {
  /** What the server did with its time in a minute. */
  const sleeps = Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const asked: Array<number> = []
    const counting: Clock.Clock = Object.assign(Object.create(clock) as Clock.Clock, {
      sleep: (duration: Parameters<Clock.Clock["sleep"]>[0]) => {
        asked.push(1)
        return clock.sleep(duration)
      }
    })
    return { asked, counting }
  })

  it.effect("has no timers but those that look into the store for bans and erasures, also when its users have gone", () =>
    Effect.gen(function*() {
      const { asked, counting } = yield* sleeps
      const inAMinute = Effect.gen(function*() {
        asked.length = 0
        yield* TestClock.adjust("1 minute")
        return asked.length
      })
      yield* Effect.gen(function*() {
        // Every five seconds, and every second, and the first of each.
        assert.isAtMost(yield* inAMinute, 12 + 60 + 2)
        const alice = yield* startUser("alice", { level: "v1" })
        alice.connection.receive({ type: "create_group", name: "a group", members: [] })
        alice.connection.receive({ type: "typing", recipient: "bob", active: true })
        yield* settle
        assert.isAbove(yield* inAMinute, 12 + 60 + 60)
        alice.connection.vanish()
        yield* TestClock.adjust("3 minutes")
        assert.isAtMost(yield* inAMinute, 12 + 60 + 2)
      }).pipe(Effect.provide(actors()), Effect.provideService(Clock.Clock, counting))
    }))
})
