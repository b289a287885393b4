/** What has to answer, and soon. */
import { Effect } from "effect"
import { inTime as answered } from "../../services/kernel/inTime.ts"

/** Whatever is waited for: an answer within so many milliseconds. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>, millis: number): Effect.Effect<A, E, R> =>
  answered(effect, { millis, late: () => Effect.die(new Error(`there was no answer within ${millis} ms`)) })
