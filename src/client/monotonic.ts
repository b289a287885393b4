/** Time for intervals: it only goes forward, whatever is done to the clock on the wall. */
import type { Clock } from "effect"

/** Milliseconds since some moment of this process. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000
