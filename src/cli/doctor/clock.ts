/** The clock of this machine against another's: it stamps messages, and ends tokens and bans. */
import { Clock, Effect } from "effect"
import { failed, ok, type Verdict, warning } from "./Check.ts"

export interface ClockReading {
  /** This machine's, before and after the other was asked, in milliseconds. */
  readonly before: number
  readonly after: number
  readonly other: number
}

/** From here on servers tell it in their logs too (`Node.skewed`). */
const muchMillis = 500

/** Tokens are refused, and blocks have wrong edges. */
const tooMuchMillis = 60_000

export const clockVerdict = (whose: string, { after, before, other }: ClockReading): Verdict => {
  const check = "clock"
  // Within the time that the question took nobody can tell.
  const ahead = before > other ? before - other : after < other ? after - other : 0
  const apart = Math.abs(ahead)
  if (apart <= muchMillis) return ok(check, `It agrees with ${whose} to within ${muchMillis} ms.`)
  const by = apart < 10_000 ? `${Math.round(apart)} ms` : `${Math.round(apart / 1_000)} s`
  const message = `It is ${by} ${ahead > 0 ? "ahead of" : "behind"} ${whose}; set both by NTP.`
  return apart > tooMuchMillis ? failed(check, message) : warning(check, message)
}

/** Asks somebody else for the time. */
export const readClock = Effect.fnUntraced(function*<E, R>(ask: Effect.Effect<number, E, R>) {
  const before = yield* Clock.currentTimeMillis
  const other = yield* ask
  return { before, other, after: yield* Clock.currentTimeMillis }
})
