/**
 * Keeps the search index of the store filled, as long as the server runs: what was there before it, and what a store gathers
 * before it takes it in. The server serves meanwhile; a fill that was cut short goes on where it was.
 */
import { Effect, Layer, Option } from "effect"
import { limited } from "../kernel/LogLimit.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { Search } from "./Search.ts"

const every = "1 second"
/** Between two lines about how far it is. */
const toldAfterMillis = 10_000

const told = (name: string, left: number) => Effect.logInfo(name).pipe(Effect.annotateLogs({ left }))

const fillWith = (search: Search["Service"], now: Monotonic.Now) => {
  let toldAt: number | undefined
  const step = Effect.gen(function*() {
    const left = yield* search.fill
    if (left > 0 && (toldAt === undefined || now() - toldAt >= toldAfterMillis)) {
      yield* told("SearchFill.filling", left)
      toldAt = now()
    }
    if (left === 0 && toldAt !== undefined) {
      yield* Effect.logInfo("SearchFill.filled")
      toldAt = undefined
    }
    return left
  })
  return Effect.repeat(step, { while: (left) => left > 0 }).pipe(
    Effect.catchTag(
      "StoreError",
      (error) => limited("SearchFill.failed", Effect.logWarning("SearchFill.failed", error.message))
    ),
    Effect.asVoid
  )
}

/** Nothing where the store has no `Search`, or one that is always filled. */
const layer: Layer.Layer<never> = Layer.effectDiscard(Effect.gen(function*() {
  const search = yield* Effect.serviceOption(Search)
  if (Option.isNone(search) || search.value.isAlwaysFilled === true) return
  const now = yield* Monotonic.now
  yield* Effect.forkScoped(repeatForever("SearchFill", fillWith(search.value, now), every))
}))

export const SearchFill = { layer }
