/** Looks for a planted fault with one seed after the other, until a law is broken that holds without it. */
import { faultNamed } from "../planted/index.ts"
import type { PlantedFault } from "../planted/PlantedFault.ts"
import { lawOf, type Ran } from "./jobs.ts"
import { isRan, Pool } from "./Pool.ts"
import { runSeeds } from "./seeds.ts"
import { shrink } from "./shrink.ts"

export interface Found {
  readonly fault: PlantedFault
  /** Seeds that were run, with the one that found it. */
  readonly seeds: number
  readonly seed: number
  /** Of all laws that it broke the one that is told: that of the fault's own promise, if it is among them. */
  readonly law: string
  /** All of them, and of so many more seeds, that one first. */
  readonly laws: ReadonlyArray<string>
  /** The shortest plan that was found to break the same law, and what it comes to. */
  readonly shrunk: Ran
  readonly steps: number
}

export interface FindOptions {
  readonly name: string
  readonly first?: number
  readonly most?: number
  readonly workers?: number
  /** Plans that are tried for a shorter one. */
  readonly tries: number
  /** Seeds that are run after the one that found it, for the laws that they break. */
  readonly more?: number
}

export const find = async (options: FindOptions): Promise<Found | undefined> => {
  const { first = 1, more = 0, most = 1_000, name } = options
  const fault = faultNamed(name)
  const size = options.workers === undefined ? {} : { workers: options.workers }
  const pool = new Pool({ ...size, plant: name })
  const sound = new Pool({ ...size })
  try {
    for (let from = first; from < first + most;) {
      const { broken } = await runSeeds({
        pool,
        first: from,
        count: first + most - from,
        goesOn: (_, __, { violations }) => violations.length === 0
      })
      // The first of those that were under way.
      const [hit] = broken
      if (hit === undefined) return undefined
      from = hit.seed + 1
      const { violations } = await sound.run({ plan: hit.seed, trace: false })
      const without = new Set(violations.map(lawOf))
      const laws = Array.from(new Set(hit.violations.map(lawOf))).filter((law) => !without.has(law))
      const law = laws.find((each) => each.startsWith(`${fault.promise}:`)) ?? laws[0]
      if (law === undefined) continue
      const whole = await pool.run({ plan: hit.seed, trace: false })
      if (!isRan(whole)) continue
      const steps = whole.plan.steps.length
      const { plan } = await shrink({ pool, plan: whole.plan, law, tries: options.tries })
      const shrunk = await pool.run({ plan, trace: true })
      if (!isRan(shrunk)) continue
      const others = await runSeeds({ pool, first: hit.seed + 1, count: more })
      const all = [law, ...laws, ...others.broken.flatMap(({ violations }) => violations.map(lawOf))]
      const seeds = hit.seed - first + 1
      return { fault, seed: hit.seed, seeds, law, laws: Array.from(new Set(all)), shrunk, steps }
    }
    return undefined
  } finally {
    pool.close()
    sound.close()
  }
}
