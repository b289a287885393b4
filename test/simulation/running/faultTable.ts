/** After how many seeds each planted fault is found, and which laws it breaks. */
import { faultNamed, plantedFaults } from "../planted/index.ts"
import { find, type Found } from "./found.ts"
import { writePlan } from "./plans.ts"
import type { PoolOptions } from "./Pool.ts"
import { table } from "./print.ts"

/** What the first seed that finds it does not break, some of so many others do. */
const moreSeeds = 20

export const rowOf = ({ fault, law, seeds, shrunk, steps }: Found): ReadonlyArray<string> => [
  fault.name,
  fault.promise,
  law,
  String(seeds),
  `${steps} → ${shrunk.plan.steps.length}`
]

export interface FaultTableOptions {
  readonly pool: PoolOptions
  readonly first: number
  readonly most: number
  readonly tries: number
}

/** Returns the exit code. */
export const faultTable = async (
  { first, most, pool: { plant, workers }, tries }: FaultTableOptions
): Promise<number> => {
  const rows: Array<ReadonlyArray<string>> = []
  let lacking = 0
  const asked = plant === undefined ? plantedFaults : plant.split(",").map(faultNamed)
  for (const { name, promise } of asked) {
    const found = await find({
      name,
      first,
      most,
      more: moreSeeds,
      tries,
      ...(workers === undefined ? {} : { workers })
    })
    if (found === undefined) lacking++
    else writePlan(`test-artifacts/planted-${name}.json`, found.shrunk.plan)
    const row = found === undefined ? [name, promise, "not found", `> ${most}`, ""] : rowOf(found)
    rows.push(row)
    console.log(row.join("  "))
    for (const law of found?.laws.slice(1) ?? []) console.log(`  and ${law}`)
  }
  console.log(`\n${table([["fault", "promise", "law that finds it", "seeds", "steps"], ...rows])}`)
  return lacking === 0 ? 0 : 1
}
