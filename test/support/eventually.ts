/** Like `until`, for what another process does: that one needs the machine, so it is looked at now and then. */
import { Effect, Schedule } from "effect"

const lookMillis = 10
const patience = "60 seconds"

export const eventually = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
  condition.pipe(
    Effect.repeat({ schedule: Schedule.spaced(lookMillis), until: (holds: boolean) => holds }),
    Effect.asVoid,
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () => Effect.die(new Error(`the condition did not come true within ${patience}`))
    })
  )
