/**
 * The fibers without which nobody is told anything. Where one of them dies there is no knowing what was lost on its
 * way, so it does not go on as if nothing were: the server says that it is broken, and its process ends.
 */
import { Cause, Context, Deferred, Effect, Layer } from "effect"

/** Which of the fibers died. Why stands in the log. */
export interface Broken {
  readonly name: string
}

/** A function that does the same as this one, and after whose defect nothing goes on. */
export type Vital = <Args extends ReadonlyArray<unknown>, A>(call: (...args: Args) => A) => (...args: Args) => A

export class Lifeline extends Context.Service<Lifeline, {
  /** Runs what must not die; a defect is a line `<name>.defect` in the log and ends it all. */
  readonly vital: <R>(name: string, effect: Effect.Effect<void, never, R>) => Effect.Effect<void, never, R>
  /** The same for what others call: what it throws ends it all too, and once something has died it only throws. */
  readonly vitalCalls: (name: string) => Vital
  /** Waits until one has died. */
  readonly broken: Effect.Effect<Broken>
  readonly isBroken: Effect.Effect<boolean>
}>()("switchboard/services/kernel/Lifeline") {
  static readonly layer = Layer.effect(
    Lifeline,
    Effect.gen(function*() {
      const broken = yield* Deferred.make<Broken>()
      const runSync = Effect.runSyncWith(yield* Effect.context<never>())
      const died = (name: string, cause: Cause.Cause<never>) =>
        Effect.andThen(
          Effect.logFatal(`${name}.defect`, cause),
          Effect.asVoid(Deferred.succeed(broken, { name }))
        )
      return Lifeline.of({
        vital: (name, effect) => Effect.catchCause(effect, (cause) => died(name, cause)),
        vitalCalls: (name) => (call) => (...args) => {
          if (Deferred.isDoneUnsafe(broken)) throw new Error("The server is broken, so nobody is told anything more.")
          try {
            return call(...args)
          } catch (defect) {
            runSync(died(name, Cause.die(defect)))
            throw defect
          }
        },
        broken: Deferred.await(broken),
        isBroken: Deferred.isDone(broken)
      })
    })
  )
}
