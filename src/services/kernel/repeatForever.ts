/** Every loop that is to run as long as the server does. */
import { type Duration, Effect } from "effect"

/** What always goes wrong must not fill the log. */
const pauseAfterDefect = "1 second"

/**
 * Takes a turn, and another one after each pause. A turn that dies is written to the log as `<name>.defect` and costs
 * that turn, not the loop. Only who runs it ends it.
 */
export const repeatForever = <R>(
  name: string,
  turn: Effect.Effect<void, never, R>,
  pause: Duration.Input
): Effect.Effect<never, never, R> =>
  Effect.suspend(() => turn).pipe(
    // Not reached when the loop itself is interrupted; an interruption within the turn is a mistake like any other.
    Effect.catchCause((cause) =>
      Effect.andThen(Effect.logError(`${name}.defect`, cause), Effect.sleep(pauseAfterDefect))
    ),
    Effect.andThen(Effect.sleep(pause)),
    Effect.forever
  )
