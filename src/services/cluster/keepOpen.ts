/** Keeps a line to a bus open: where it ends, for whatever reason, another is made after a pause. */
import { Effect, type Latch, Schema, type Scope } from "effect"
import { limited } from "../kernel/LogLimit.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { Pulse } from "./Pulse.ts"

/** `why` goes into the log: no URL, no password, nothing that somebody said. */
export class LineEnded extends Schema.TaggedError<LineEnded>()("LineEnded", { why: Schema.String }) {}

const minPause = 100
const maxPause = 2_000

/** How long the end waits for what was published last, in milliseconds. */
const farewell = 500

export interface Line {
  /** `postgres`, `redis` */
  readonly name: string
  readonly pulse: Pulse
  /** From the first attempt to connect to the end of the line. */
  readonly run: Effect.Effect<never, LineEnded>
  /** Says a probe. */
  readonly probe: () => void
  /** Once a second. */
  readonly look: () => void
  /** Ends the line that there is now, and waits for nothing. */
  readonly end: (why: string) => void
  /** Open while nothing waits to be published, nor is on its way. */
  readonly isSaid: Latch.Latch
}

const unreachable = (bus: string, why: string) =>
  limited("Bus.unreachable", Effect.logWarning("Bus.unreachable", { bus, why }))

export const keepOpen = (
  { end, isSaid, look, name, probe, pulse, run }: Line
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    let pause = minPause
    let isTold = false
    let isOver = false
    const turn = run.pipe(
      Effect.ensuring(Effect.sync(() => {
        if (!pulse.end()) return
        pause = minPause
        isTold = false
      })),
      Effect.catchTag(
        "LineEnded",
        Effect.fnUntraced(function*({ why }) {
          // Once, until it has worked again; that it is away at all is told by whoever asks whether it is healthy.
          if (!isTold && !isOver) yield* unreachable(name, why)
          isTold = true
          yield* Effect.sleep(pause)
          pause = Math.min(2 * pause, maxPause)
        })
      )
    )
    const watch = Effect.sync(() => {
      look()
      const now = pulse.look()
      if (now === "probe") probe()
      else if (now === "renew") end("what is published does not come back")
    })
    yield* Effect.forkScoped(repeatForever("Bus.watch", watch, "1 second"))
    yield* Effect.forkScoped(repeatForever("Bus.line", turn, 0))
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() =>
        pulse.isHealthy ? Effect.timeoutOption(Effect.interruptible(isSaid.await), farewell) : Effect.void
      ).pipe(
        // Before the fiber that may wait for an answer is interrupted.
        Effect.andThen(Effect.sync(() => {
          isOver = true
          end("the server stops")
        }))
      )
    )
  })
