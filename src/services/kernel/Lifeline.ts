/**
 * The fibers without which nobody is told anything. Where one of them dies there is no knowing what was lost on its
 * way, so it does not go on as if nothing were: the server says that it is broken, and its process ends.
 */
import { Context, Deferred, Effect, Layer } from "effect"

/** Which of the fibers died. Why stands in the log. */
export interface Broken {
  readonly name: string
}

export class Lifeline extends Context.Service<Lifeline, {
  /** Runs what must not die; a defect is a line `<name>.defect` in the log and ends it all. */
  readonly vital: <R>(name: string, effect: Effect.Effect<void, never, R>) => Effect.Effect<void, never, R>
  /** Waits until one has died. */
  readonly broken: Effect.Effect<Broken>
  readonly isBroken: Effect.Effect<boolean>
}>()("switchboard/services/kernel/Lifeline") {
  static readonly layer = Layer.effect(
    Lifeline,
    Effect.gen(function*() {
      const broken = yield* Deferred.make<Broken>()
      return Lifeline.of({
        vital: (name, effect) =>
          Effect.catchCause(effect, (cause) =>
            Effect.andThen(
              Effect.logFatal(`${name}.defect`, cause),
              Effect.asVoid(Deferred.succeed(broken, { name }))
            )),
        broken: Deferred.await(broken),
        isBroken: Deferred.isDone(broken)
      })
    })
  )
}
