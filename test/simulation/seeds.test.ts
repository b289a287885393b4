/** P1 to P10 of the whole system, under as many seeds as there is time for. `npm run simulate` runs more of them. */
import { assert, describe, it } from "@effect/vitest"
import { Pool } from "./running/Pool.ts"
import { runSeeds } from "./running/seeds.ts"
import { brokenOf } from "./running/summary.ts"

const count = Number(process.env["SIMULATION_SEEDS"] ?? 500)

/** What has to strike in that many seeds, or they prove less than they say. */
const least = [
  "Crash",
  "Drain",
  "Pause",
  "Cut",
  "Hop",
  "Store failing",
  "bus lost",
  "ended 4008",
  "ended 4510",
  "Busy",
  "Join"
]

describe("the simulated system", () => {
  it(`P1 to P10 hold under ${count} seeds`, async () => {
    const pool = new Pool()
    try {
      const tally = await runSeeds({ pool, first: 1, count })
      assert.strictEqual(brokenOf(tally), "")
      assert.strictEqual(tally.runs, count)
      if (count >= 100) { for (const fault of least) assert.isAbove(tally.coverage.get(fault) ?? 0, 0, fault) }
    } finally {
      pool.close()
    }
  }, 570_000)
})
