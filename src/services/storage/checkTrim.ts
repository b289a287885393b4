/** A bound of a retention that is wrong removes what nobody wanted removed. */
import { Effect } from "effect"
import { StoreError } from "./MessageStore.ts"

export const checkTrim = ({ before, keep }: { readonly before?: number; readonly keep?: number }) =>
  (keep === undefined || (Number.isSafeInteger(keep) && keep >= 0)) &&
    (before === undefined || Number.isSafeInteger(before))
    ? Effect.void
    : Effect.fail(
      new StoreError({
        kind: "unavailable",
        message: "Nothing was removed: give retention whole numbers that are not negative."
      })
    )
