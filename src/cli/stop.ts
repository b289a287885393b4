/** A stop is a stop, whatever the store or the app's own code does then. */
import { Effect, Exit, Fiber } from "effect"
import { exitInTime } from "../services/inTime.ts"
import { userError } from "./store.ts"

/** What a stop may take beside the wait for clients, in milliseconds. Each part that can hang has a bound of its own. */
export const stopMillis = 4_000

/**
 * Runs a server until it ends by itself, or `ended` does, or until it is interrupted. Its own end is waited for, but not
 * for longer than `millis`; then the process has to end without it.
 */
export const stopInTime = <E, R, E2>(
  running: Effect.Effect<never, E, R>,
  ended: Effect.Effect<never, E2>,
  millis: number
) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(running),
      (fiber) =>
        Effect.onExit(restore(Effect.raceFirst(Fiber.join(fiber), ended)), () =>
          Effect.flatMap(exitInTime(Fiber.interrupt(fiber), millis), (answer) =>
            Exit.isExit(answer) ? Effect.void : userError(
              `The server did not stop within ${millis / 1_000} seconds and was ended; nothing accepted is lost.`
            )))
    )
  )
