/** Every loop that is to run as long as the server does. */
import { type Duration, Effect, Latch, type Scope } from "effect"

import { nextTurn } from "./ActorScheduler.ts"
import { limited } from "./LogLimit.ts"

/** What always goes wrong must not keep the machine busy. */
const pauseAfterDefect = "1 second"

/** A turn that dies is written to the log as `<name>.defect` and costs that turn, not the loop. */
const survived = <R>(name: string, turn: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
  Effect.suspend(() => turn).pipe(
    // A trace for each look at the journal would hide those of what people do.
    Effect.withTracerEnabled(false),
    // Not reached when the loop itself is interrupted; an interruption within the turn is a mistake like any other.
    Effect.catchCause((cause) =>
      Effect.andThen(
        limited(`${name}.defect`, Effect.logError(`${name}.defect`, cause)),
        Effect.sleep(pauseAfterDefect)
      )
    )
  )

/** Takes a turn, and another one after each pause, or when others have had theirs. Only who runs it ends it. */
export const repeatForever = <R>(
  name: string,
  turn: Effect.Effect<void, never, R>,
  pause?: Duration.Input
): Effect.Effect<never, never, R> =>
  Effect.forever(Effect.andThen(survived(name, turn), pause === undefined ? nextTurn : Effect.sleep(pause)))

export interface Ticker {
  /** There may be something to do from now on. */
  readonly wake: () => void
}

/**
 * Takes a turn after each pause, and only while there is something to do: a server without users wakes up for nothing.
 * It begins asleep and ends with its scope.
 */
export const makeTicker = (
  name: string,
  { isIdle, pause, turn }: {
    readonly turn: Effect.Effect<void>
    readonly pause: Duration.Input
    /** Whether there is nothing to do. Asked before each pause. */
    readonly isIdle: () => boolean
  }
): Effect.Effect<Ticker, never, Scope.Scope> =>
  Effect.suspend(() => {
    const awake = Latch.makeUnsafe(false)
    const rest = Effect.suspend(() => {
      if (isIdle()) awake.closeUnsafe()
      return awake.await
    })
    return Effect.as(
      rest.pipe(
        Effect.andThen(Effect.sleep(pause)),
        Effect.andThen(survived(name, turn)),
        Effect.forever,
        Effect.forkScoped
      ),
      { wake: () => void awake.openUnsafe() }
    )
  })
