/**
 * What can repeat without end, because a client, an app or a store makes it, must not fill the disk. The first few lines
 * of a name are written, then few; the others are counted, and the next line has the count as `suppressed`. Where none
 * comes, a line of the same name has nothing else.
 */
import { Context, Effect, FiberSet, Layer, type Scope } from "effect"
import * as Monotonic from "./Monotonic.ts"
import { type Rate, TokenBucket } from "./TokenBuckets.ts"

/** How long a count may wait for a next line. */
const countAfter = "30 seconds"

interface Lines {
  readonly bucket: TokenBucket
  suppressed: number
  isCounting: boolean
}

export interface LogLimit {
  /** Writes the line, or counts it. `name` is one of ours, never of somebody else's choice. */
  readonly write: (name: string, line: Effect.Effect<void>) => Effect.Effect<void>
}

export interface LogLimitOptions {
  /** Lines of one name. */
  readonly rate: Rate
  /** Writes a name by itself, for a count. */
  readonly log: (name: string) => Effect.Effect<void>
}

export const make = ({ log, rate }: LogLimitOptions): Effect.Effect<LogLimit, never, Scope.Scope> =>
  Effect.gen(function*() {
    const now = yield* Monotonic.now
    const run = yield* FiberSet.makeRuntime<never>()
    const all = new Map<string, Lines>()

    const linesOf = (name: string): Lines => {
      let lines = all.get(name)
      if (lines === undefined) {
        all.set(name, lines = { bucket: new TokenBucket(rate, now()), suppressed: 0, isCounting: false })
      }
      return lines
    }

    const counted = (lines: Lines, line: Effect.Effect<void>): Effect.Effect<void> => {
      const { suppressed } = lines
      lines.suppressed = 0
      return Effect.annotateLogs(line, { suppressed })
    }

    const count = (name: string, lines: Lines) =>
      Effect.suspend(() => {
        lines.isCounting = false
        return lines.suppressed === 0 ? Effect.void : counted(lines, log(name))
      })

    return {
      write: (name, line) =>
        Effect.suspend(() => {
          const lines = linesOf(name)
          if (lines.bucket.take(rate, 1, now()) === 0) return lines.suppressed === 0 ? line : counted(lines, line)
          lines.suppressed++
          if (!lines.isCounting) {
            lines.isCounting = true
            run(Effect.delay(count(name, lines), countAfter))
          }
          return Effect.void
        })
    }
  })

/** Without `layer`, as where a part stands alone, everything is written. */
const CurrentLogLimit = Context.Reference<LogLimit>("switchboard/services/kernel/LogLimit", {
  defaultValue: () => ({ write: (_, line) => line })
})

/** A line about something that went wrong, which may do so again and again. */
export const limited = (name: string, line: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.flatMap(CurrentLogLimit, ({ write }) => write(name, line))

/** Ten lines of a name, and six a minute from then on. */
export const layer: Layer.Layer<never> = Layer.effect(
  CurrentLogLimit,
  make({ rate: { perSecond: 0.1, burst: 10 }, log: Effect.logWarning })
)
