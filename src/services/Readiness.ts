/** Whether this server should be sent new clients, and why not. */
import { Context, Effect, Layer, Ref } from "effect"
import { Lifeline } from "./kernel/Lifeline.ts"
import { StoreHealth } from "./storage/StoreHealth.ts"

export class Readiness extends Context.Service<Readiness, {
  /** False once the server has begun to stop. */
  readonly accepting: Effect.Effect<boolean>
  /** From now on this server is not ready. */
  readonly stopAccepting: Effect.Effect<void>
  /** `undefined` when all is well, otherwise what is not. */
  readonly reason: Effect.Effect<"stopping" | "broken" | "store" | undefined>
}>()("switchboard/services/Readiness") {
  static readonly layer = Layer.effect(
    Readiness,
    Effect.gen(function*() {
      const lifeline = yield* Lifeline
      const health = yield* StoreHealth
      const accepting = yield* Ref.make(true)
      return Readiness.of({
        accepting: Ref.get(accepting),
        stopAccepting: Ref.set(accepting, false),
        reason: Effect.gen(function*() {
          if (!(yield* Ref.get(accepting))) return "stopping"
          if (yield* lifeline.isBroken) return "broken"
          return health.down() === undefined ? undefined : "store"
        })
      })
    })
  )
}
