/** A stop is a stop, whatever the store or the app's own code does then. */
import { Effect, Exit, Fiber } from "effect"
import { exitInTime } from "../services/kernel/inTime.ts"

/** What a stop may take beside the wait for clients, in milliseconds. Each part that can hang has a bound of its own. */
export const stopMillis = 4_000

export interface StopOptions {
  /** The longest that the end takes; asked when it begins. */
  readonly millis: Effect.Effect<number>
  /** Something did not end: the process has to end without it. */
  readonly cut: Effect.Effect<void>
}

/** Runs a server until `ended` says why it cannot go on, or until it is interrupted, and then waits for its end. */
export const stopInTime = <E, R, E2>(
  running: Effect.Effect<never, E, R>,
  ended: Effect.Effect<never, E2>,
  { cut, millis }: StopOptions
): Effect.Effect<never, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(running), (fiber) =>
      Effect.onExit(
        restore(Effect.raceFirst(Fiber.join(fiber), ended)),
        () =>
          millis.pipe(
            Effect.flatMap((longest) => exitInTime(Fiber.interrupt(fiber), longest)),
            Effect.flatMap((answer) => Exit.isExit(answer) ? Effect.void : cut)
          )
      ))
  )
