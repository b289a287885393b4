/** A bound of a retention that is wrong removes what nobody wanted removed. */
import { Clock, Effect } from "effect"
import { StoreError } from "./MessageStore.ts"
import type { TrimOptions } from "./trimming.ts"

const refuse = (message: string) => Effect.fail(new StoreError({ kind: "unavailable", message }))

export const checkTrim = ({ before, devicesBefore, keep }: TrimOptions): Effect.Effect<void, StoreError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 0)) {
      return refuse("Nothing was removed: give retention whole numbers that are not negative.")
    }
    for (const time of [before, devicesBefore]) {
      if (time !== undefined && !(Number.isSafeInteger(time) && time <= now)) {
        return refuse("Nothing was removed: give retention a time that has passed, in whole milliseconds.")
      }
    }
    return Effect.void
  })
