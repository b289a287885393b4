/**
 * Questions to a store, whichever it is, that are answered in time whatever it does; what it throws is a `StoreError`.
 * What is answered at once is asked as if this were not there.
 */
import { Cause, Effect, Exit } from "effect"
import { exitInTime } from "../kernel/inTime.ts"
import { limited } from "../kernel/LogLimit.ts"
import { Hanging } from "./Hanging.ts"
import type { StoreError } from "./MessageStore.ts"
import { askMillis, maxHanging } from "./storeBounds.ts"
import { noAnswer, storeBroke, StoreHealth } from "./StoreHealth.ts"

type Call<A> = Effect.Effect<A, StoreError>

export interface Asking {
  readonly ask: <A>(call: Call<A>) => Call<A>
  /** The same for a function. What it throws before there is an effect is caught too. */
  readonly asked: <Args extends ReadonlyArray<never>, A>(
    call: (...args: Args) => Call<A>
  ) => (...args: Args) => Call<A>
}

/** One for all that a part of the server asks of a store, because what hangs is counted. */
export const makeAsking = Effect.gen(function*() {
  const health = yield* StoreHealth
  const hanging = new Hanging(maxHanging.asks)

  const broken = Effect.fnUntraced(function*<A>(exit: Exit.Failure<A, StoreError>) {
    const error = Cause.findErrorOption(exit.cause)
    if (error._tag === "None") yield* limited("Store.broke", Effect.logError("Store.broke", exit.cause))
    yield* health.suspect
    return yield* error._tag === "Some" ? error.value : storeBroke(Cause.squash(exit.cause))
  })

  const ask = <A>(call: Call<A>): Call<A> =>
    Effect.suspend(() => {
      if (hanging.isFull || health.silent()) return Effect.fail(noAnswer())
      return Effect.flatMap(exitInTime(call, askMillis), (answer): Call<A> => {
        if (Exit.isExit(answer)) return Exit.isSuccess(answer) ? answer : broken(answer)
        hanging.giveUp(answer)
        return Effect.andThen(health.suspect, Effect.fail(noAnswer()))
      })
    })

  const asking: Asking = { ask, asked: (call) => (...args) => ask(Effect.suspend(() => call(...args))) }
  return asking
})
