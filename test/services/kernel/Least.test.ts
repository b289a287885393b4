/** The few lowest of many, in whatever order they come, and without holding anybody up. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { nextTurn } from "../../../src/services/kernel/ActorScheduler.ts"
import { inSteps } from "../../../src/services/kernel/inSteps.ts"
import { Least } from "../../../src/services/kernel/Least.ts"
import { random } from "../../fuzz/mutate.ts"

const seed = 7

describe("Least", () => {
  it(`has what sorting all of them would have (seed ${seed})`, () => {
    const pick = random(seed)
    for (let run = 0; run < 200; run++) {
      const keys = Array.from({ length: pick(60) }, () => String.fromCharCode(97 + pick(26)) + pick(3))
      const [most, after] = [1 + pick(12), pick(3) === 0 ? undefined : String.fromCharCode(97 + pick(26))]
      const least = new Least<string>({ after, most })
      for (const key of keys) least.add(key, () => key)
      const wanted = Array.from(new Set(keys)).filter((key) => after === undefined || key > after).sort().slice(0, most)
      assert.deepStrictEqual(least.items, wanted)
    }
  })

  it("asks for no more items than may be among the few", () => {
    const least = new Least<string>({ most: 2 })
    let asked = 0
    for (const key of ["a", "b", "c", "d", "a", "b"]) {
      least.add(key, () => {
        asked++
        return key
      })
    }
    assert.strictEqual(asked, 2)
  })
})

describe("inSteps", () => {
  it.live("looks at all, and others have their turn meanwhile", () =>
    Effect.gen(function*() {
      let [looked, turns] = [0, 0]
      const others = yield* Effect.forkChild(Effect.forever(Effect.map(nextTurn, () => turns++)))
      yield* inSteps(Array.from({ length: 20_000 }), () => looked++)
      others.interruptUnsafe()
      assert.strictEqual(looked, 20_000)
      assert.isAtLeast(turns, 5)
      yield* inSteps([], () => assert.fail("there is nothing to look at"))
    }))
})
