/** P2, P4, P5 and P8 across servers, as far as `Positions` and `GroupView` keep them: see `model.ts`. */
import { assert, describe, it } from "@effect/vitest"
import { type Variant, violationIn } from "./model.ts"

/** `MODEL_SEED=17` tells the story of one seed. */
const one = process.env["MODEL_SEED"]
const count = Number(process.env["MODEL_SEEDS"] ?? "2000")
const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(one)]

const planted: ReadonlyArray<Exclude<Variant, "good">> = [
  "no after",
  "dead epochs forgotten",
  "audience by own changes only",
  "gaps ignored",
  "small epoch is old",
  "unknown epoch is passed",
  "version ignored",
  "epoch reused after doubt",
  "young epochs are over",
  "sleeps long and goes on",
  "commits into a forgotten epoch",
  "overflow unheeded",
  "any epoch is heard"
]

describe("several servers", () => {
  it(
    `P2 P4 P5 P8 no gap, no leak, nothing lost, nothing out of order, nobody waits for ever: ${seeds.length} seeds`,
    () => {
      for (const seed of seeds) assert.isUndefined(violationIn(seed), `MODEL_SEED=${seed}`)
    },
    60_000 + count * 10
  )

  it.each(planted)("the model finds what is planted: %s", (variant) => {
    for (let seed = 1; seed <= 2_000; seed++) if (violationIn(seed, variant) !== undefined) return
    assert.fail("It found nothing.")
  })
})
