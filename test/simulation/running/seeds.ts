/** Runs one seed after the other on all workers, and gathers what came of them. */
import type { Violation } from "./jobs.ts"
import { type Answer, isRan, type Pool } from "./Pool.ts"

/** A seed whose run broke a law. */
export interface Broken {
  readonly seed: number
  readonly violations: ReadonlyArray<Violation>
}

export interface Tally {
  runs: number
  /** Of simulated time, over all runs. */
  virtualMillis: number
  /** Of real time, over all workers. */
  realMillis: number
  /** The run that took longest, in real time. */
  longestMillis: number
  /** How often each fault struck, and each thing was done. */
  readonly coverage: Map<string, number>
  /** In how many runs it was at least once. */
  readonly runsWith: Map<string, number>
  readonly broken: Array<Broken>
}

const add = (counts: Map<string, number>, name: string, count: number): void => {
  counts.set(name, (counts.get(name) ?? 0) + count)
}

export const makeTally = (): Tally => ({
  runs: 0,
  virtualMillis: 0,
  realMillis: 0,
  longestMillis: 0,
  coverage: new Map(),
  runsWith: new Map(),
  broken: []
})

const note = (tally: Tally, seed: number, answer: Answer): void => {
  tally.runs++
  const { violations } = answer
  if (violations.length > 0) tally.broken.push({ seed, violations })
  if (!isRan(answer)) return
  tally.virtualMillis += answer.virtualMillis
  tally.realMillis += answer.millis
  tally.longestMillis = Math.max(tally.longestMillis, answer.millis)
  for (const [name, count] of Object.entries(answer.coverage)) {
    add(tally.coverage, name, count)
    if (count > 0) add(tally.runsWith, name, 1)
  }
}

export interface SeedsOptions {
  readonly pool: Pool
  readonly first: number
  readonly count: number
  readonly trace?: boolean
  /** Called after each run; false ends it. */
  readonly goesOn?: (tally: Tally, seed: number, answer: Answer) => boolean
}

/** Seeds are begun in their order. Where `goesOn` ends it, those that were begun are still waited for. */
export const runSeeds = async (
  { count, first, goesOn = () => true, pool, trace = false }: SeedsOptions
): Promise<Tally> => {
  const tally = makeTally()
  let next = first
  let isOver = false
  const line = async () => {
    while (!isOver && next < first + count) {
      const seed = next++
      const answer = await pool.run({ plan: seed, trace })
      note(tally, seed, answer)
      if (!goesOn(tally, seed, answer)) isOver = true
    }
  }
  await Promise.all(Array.from({ length: pool.size }, line))
  tally.broken.sort((a, b) => a.seed - b.seed)
  return tally
}
