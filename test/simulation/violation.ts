/** What a law says when it does not hold. */

export type PromiseName = "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | "P7" | "P8" | "P9" | "P10"

export interface Violation {
  readonly promise: PromiseName
  readonly law: string
  readonly what: string
}

/** For the laws of one promise. */
export type Violated = (law: string, what: string) => void
