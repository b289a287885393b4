/**
 * How fast each may do something that is dear and not wrong: a burst at once, and past it one after the other. Nobody is
 * refused; whoever is ahead of their pace waits, and others do not wait for them.
 */
import { Effect } from "effect"
import * as Monotonic from "../kernel/Monotonic.ts"
import { type Rate, TokenBuckets } from "../kernel/TokenBuckets.ts"

/** Waits until it is somebody's turn; where they do not wait for it, it is as if they had never asked. */
export type Pace = (key: string) => Effect.Effect<void>

export const makePace = (rate: Rate): Effect.Effect<Pace> =>
  Effect.map(Monotonic.now, (now) => {
    const buckets = new TokenBuckets(rate)
    return (key) =>
      Effect.suspend(() => {
        const wait = buckets.reserve(key, 1, now())
        if (wait === 0) return Effect.void
        return Effect.onInterrupt(Effect.sleep(wait), () => Effect.sync(() => buckets.give(key, 1, now())))
      })
  })
