/** P1 to P10 of the whole system, under seeds: what a story is, it is again, and no law is broken in it. */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { planOf, simulate } from "./simulate.ts"

const seeds = Array.from({ length: 30 }, (_, i) => i + 1)

/** In a process of its own. */
const digests = (chosen: ReadonlyArray<number>): ReadonlyArray<string> => {
  const simulation = fileURLToPath(new URL("./simulate.ts", import.meta.url))
  const program = `import { planOf, simulate } from ${JSON.stringify(simulation)}
    for (const seed of ${JSON.stringify(chosen)}) console.log((await simulate(planOf(seed))).digest)`
  const options = ["--conditions", "switchboard-source", "--input-type=module", "--eval", program]
  return execFileSync(process.execPath, options, { encoding: "utf8", timeout: 60_000 }).trim().split("\n")
}

describe("simulate", () => {
  it("the same plan is the same story, in one process and in two", async () => {
    const chosen = [3, 5, 8, 25]
    const first = []
    for (const seed of chosen) first.push((await simulate(planOf(seed))).digest)
    const again = []
    for (const seed of chosen.toReversed()) again.unshift((await simulate(planOf(seed))).digest)
    assert.deepStrictEqual(again, first)
    assert.deepStrictEqual(digests(chosen), first)
    assert.strictEqual(new Set(first).size, chosen.length)
  }, 120_000)

  it("a plan is still a plan when it was kept as JSON and steps were left out", async () => {
    const plan = planOf(4)
    const kept = JSON.parse(JSON.stringify(plan)) as typeof plan
    assert.strictEqual((await simulate(kept)).digest, (await simulate(plan)).digest)
    for (const part of [0, 1, 2]) {
      const fewer = { ...plan, steps: plan.steps.filter((_, i) => i % 3 !== part) }
      assert.deepStrictEqual((await simulate(fewer)).violations, [])
    }
  }, 120_000)

  it(`P1 to P10 hold in ${seeds.length} stories`, async () => {
    const struck = new Set<string>()
    for (const seed of seeds) {
      const { coverage, violations } = await simulate(planOf(seed))
      assert.deepStrictEqual(violations, [], `seed ${seed}`)
      for (const name of Object.keys(coverage)) struck.add(name)
    }
    for (const name of ["Say", "Cut", "Crash", "Drain", "Pause", "drift", "bus lost", "store fails"]) {
      assert.include(struck, name)
    }
  }, 300_000)
})
