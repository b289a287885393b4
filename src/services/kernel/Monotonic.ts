/**
 * Time for intervals: milliseconds from some beginning, which only go forward and at one pace. The wall clock is set back
 * and forth by people and by NTP; it is for what people and other machines read, and for what ends at a date.
 */
import { Clock, Effect } from "effect"

/** Milliseconds that are good for differences, and for nothing else. */
export type Now = () => number

export const nowOf = (clock: Clock.Clock): Now => () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000

/** For a service to keep. */
export const now: Effect.Effect<Now> = Effect.map(Clock.Clock, nowOf)
