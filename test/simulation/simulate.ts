/**
 * The whole system under one seed: servers, store, bus, clients and the world between them, in one process and on a time of
 * its own. What is said of a run is its trace, which is the same for the same plan on every machine.
 */
import { createHash } from "node:crypto"
import { lastLaws } from "./laws/index.ts"
import { nothing } from "./laws/P7-nothing.ts"
import { planOf } from "./planOf.ts"
import type { Plan } from "./schedule.ts"
import { Story } from "./Story.ts"
import type { Violation } from "./violation.ts"
import { Restless } from "./world/World.ts"

export type { Plan, Step } from "./schedule.ts"
export type { Violation } from "./violation.ts"
export { planOf }

export interface Outcome {
  /** Everything that happened, in its order, with the virtual time of it. */
  readonly trace: ReadonlyArray<string>
  readonly digest: string
  readonly violations: ReadonlyArray<Violation>
  /** What really struck and happened, by name. */
  readonly coverage: Readonly<Record<string, number>>
  readonly virtualMillis: number
}

const digestOf = (trace: ReadonlyArray<string>): string => {
  const hash = createHash("sha256")
  for (const line of trace) hash.update(line).update("\n")
  return hash.digest("hex").slice(0, 32)
}

export const simulate = async (plan: Plan): Promise<Outcome> => {
  const violations: Array<Violation> = []
  const story = new Story(plan, (promise, law, what) => void violations.push({ promise, law, what }))
  try {
    const empty = await story.tell((facts) => {
      for (const [promise, check] of lastLaws) check(facts, (law, what) => void violations.push({ promise, law, what }))
    })
    nothing(empty, (law, what) => void violations.push({ promise: "P7", law, what }))
  } catch (error) {
    if (!(error instanceof Restless)) throw error
    violations.push({ promise: "P9", law: "everybody comes to rest", what: error.message })
  }
  for (const { law, promise, what } of violations) story.trace("LAW", `${promise} ${law}: ${what}`)
  return {
    trace: story.lines,
    digest: digestOf(story.lines),
    violations,
    coverage: Object.fromEntries(Array.from(story.coverage).sort(([a], [b]) => a < b ? -1 : 1)),
    virtualMillis: story.world.now
  }
}
