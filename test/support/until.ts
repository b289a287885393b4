import { Effect } from "effect"
import { nextTurn } from "../../src/services/kernel/ActorScheduler.ts"

/** Gives the event loop its turn until the condition holds: for state that a socket changes a moment later. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  nextTurn.pipe(
    Effect.andThen(condition),
    Effect.repeat({ until: (holds: boolean) => holds }),
    Effect.asVoid,
    Effect.timeoutOrElse({
      duration: "30 seconds",
      orElse: () => Effect.die(new Error("the condition did not come true within 30 seconds"))
    })
  )
