/** P9: whoever asks much waits for themselves, and nothing that waits is without a bound. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { UserId } from "../../../src/domain/Ids.ts"
import * as ActorScheduler from "../../../src/services/kernel/ActorScheduler.ts"
import { inTurn, makeTurns, maxWaitingPerUser } from "../../../src/services/kernel/Turns.ts"
import { pass, settle } from "../../support/actors.ts"

const [greedy, modest] = [UserId.make("greedy"), UserId.make("modest")]

describe("Turns", () => {
  it.effect("one at a time for each, in order; nobody waits behind another; past the bound nothing is taken", () =>
    Effect.gen(function*() {
      const turns = yield* makeTurns
      const done: Array<string> = []
      const look = (name: string) => Effect.andThen(Effect.sleep(10), Effect.sync(() => void done.push(name)))
      const taken = Array.from({ length: maxWaitingPerUser + 10 }, (_, i) => turns.ask(greedy, look(`g${i}`)))
      assert.strictEqual(taken.filter(Boolean).length, maxWaitingPerUser + 1)
      assert.isTrue(turns.ask(modest, look("m")))
      yield* settle
      yield* pass(10)
      assert.deepStrictEqual(done.toSorted(), ["g0", "m"])
      for (let i = 0; i < maxWaitingPerUser; i++) {
        yield* pass(10)
      }
      const inOrder = Array.from({ length: maxWaitingPerUser + 1 }, (_, i) => `g${i}`)
      assert.deepStrictEqual(done.filter((name) => name !== "m"), inOrder)
      assert.isTrue(turns.ask(greedy, Effect.void))
    }).pipe(Effect.provide(ActorScheduler.layer)))

  it.effect("a question that breaks takes no turn from those after it", () =>
    Effect.gen(function*() {
      const turns = yield* makeTurns
      assert.isTrue(turns.ask(greedy, Effect.die("broken")))
      assert.isTrue(yield* inTurn(turns, greedy, Effect.void))
      assert.isTrue(yield* inTurn(turns, greedy, Effect.die("broken")))
      assert.isTrue(yield* inTurn(turns, modest, Effect.void))
    }))
})
