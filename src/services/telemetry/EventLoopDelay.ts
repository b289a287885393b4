/** How late the event loop is: while it is, everybody waits. The one place where it is measured. */
import { Effect, type Scope } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"

/** How often it is looked at, in milliseconds. Node does that by itself, and it wakes up nothing else. */
const resolution = 20
/** A window of this length has seen enough; the one before it is kept, so that nothing is forgotten at once. */
const windowMillis = 15_000

/** Node measures from one look to the next one. */
const delayOf = (histogram: ReturnType<typeof monitorEventLoopDelay>): number =>
  histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(99) / 1e9 - resolution / 1_000)

/**
 * Reads the 99th percentile in seconds, of the last 15 to 30 seconds where somebody asks that often, and otherwise since
 * they asked last.
 */
export const makeEventLoopDelay = (now: () => number): Effect.Effect<() => number, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const histogram = monitorEventLoopDelay({ resolution })
        histogram.enable()
        return histogram
      }),
      (histogram) => Effect.sync(() => histogram.disable())
    ),
    (histogram) => {
      let begun = now()
      let before = 0
      return () => {
        const delay = delayOf(histogram)
        const worst = Math.max(before, delay)
        if (now() - begun >= windowMillis) {
          before = delay
          begun = now()
          histogram.reset()
        }
        return worst
      }
    }
  )
