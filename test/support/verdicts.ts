/** What a check of the doctor's has found, as it would be printed. */
import { Effect } from "effect"
import { type Check, makeAll } from "../../src/cli/doctor/Check.ts"

/** `ok store: The database is Postgres 15.4.` */
export const foundBy = <R>(checks: ReadonlyArray<Check<R>>, millis?: number) =>
  Effect.map(
    makeAll(checks, millis),
    (verdicts) => verdicts.map(({ check, message, status }) => `${status} ${check}: ${message}`)
  )
