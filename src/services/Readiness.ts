/** Whether this server should be sent new clients, and why not. */
import { Context, Deferred, Effect, Layer, Ref } from "effect"
import { Lifeline } from "./kernel/Lifeline.ts"
import { StoreHealth } from "./storage/StoreHealth.ts"

export class Readiness extends Context.Service<Readiness, {
  /** Requests are answered from now on. */
  readonly beginServing: Effect.Effect<void>
  /** Waits until they are. */
  readonly serving: Effect.Effect<void>
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
      const serving = yield* Deferred.make<void>()
      return Readiness.of({
        beginServing: Effect.asVoid(Deferred.succeed(serving, undefined)),
        serving: Deferred.await(serving),
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
