/** A server says that it is there for as long as it is. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { type Living, signsOfLife } from "../../../src/services/cluster/signsOfLife.ts"

describe("signs of life", () => {
  it.effect("go on over the bus each second while the store does not answer, which is asked once at a time", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      let [said, asked] = [0, 0]
      const living = {
        follower: { ask: () => assert.fail("it did not stand still") },
        vicinity: { beat: () => ({}), askAll: () => {} },
        journal: { beat: () => Effect.andThen(Effect.sync(() => void asked++), Effect.never) },
        publisher: { epoch: 1 },
        publish: () => void said++,
        now: () => clock.currentTimeMillisUnsafe()
      }
      // Only what it uses of them.
      yield* Effect.forkScoped(signsOfLife(living as unknown as Living))
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual([said, asked], [21, 1])
    }).pipe(Effect.scoped))
})
