/** What is asked of a worker, and what it answers. */
import type { Plan } from "../schedule.ts"
import type { Outcome } from "../simulate.ts"

export interface Job {
  /** A plan, or the seed that it is made of. */
  readonly plan: Plan | number
  /** Whether the trace is wanted, which is long. */
  readonly trace: boolean
}

export interface Ran extends Omit<Outcome, "trace"> {
  readonly plan: Plan
  /** Empty where nobody wanted it. */
  readonly trace: ReadonlyArray<string>
  /** Of real time. */
  readonly millis: number
}

export type Violation = Outcome["violations"][number]

/** Which law it is that is broken, whatever is said of how. */
export const lawOf = ({ law, promise }: Violation): string => `${promise}: ${law}`
