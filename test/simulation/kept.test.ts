/** Plans under which a law was broken once: with the fault of then it is broken, and today it holds. */
import { assert, describe, it } from "@effect/vitest"
import { fileURLToPath } from "node:url"
import { keptFaults } from "./planted/kept.ts"
import { lawOf } from "./running/jobs.ts"
import { readPlan } from "./running/plans.ts"
import { Pool } from "./running/Pool.ts"

const run = async (name: string, plant: string | undefined) => {
  const pool = new Pool({ workers: 1, plant })
  try {
    const plan = readPlan(fileURLToPath(new URL(`./kept/${name}.json`, import.meta.url)))
    return (await pool.ran({ plan, trace: false })).violations
  } finally {
    pool.close()
  }
}

describe("plans that are kept", () => {
  for (const { name, promise } of keptFaults) {
    it(`${promise} ${name}`, async () => {
      assert.include((await run(name, name)).map((each) => lawOf(each).split(":")[0]), promise)
      assert.isEmpty(await run(name, undefined))
    }, 120_000)
  }
})
