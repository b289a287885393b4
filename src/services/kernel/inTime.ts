/** Waiting for what need not answer: the store, the app's own code. Waiting ends in time, whatever is waited for does. */
import { Effect, Exit, Fiber } from "effect"

/**
 * What became of the effect, or after `millis` the fiber in which it still runs; that is for the caller to interrupt.
 * `Effect.timeout` waits for what it interrupts, so it never ends where that cannot be interrupted. What answers at
 * once costs one fiber that ends where it began, and no timer. 0 is no bound, as everywhere.
 */
export const exitInTime = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number
): Effect.Effect<Exit.Exit<A, E> | Fiber.Fiber<A, E>, never, R> =>
  Effect.flatMap(Effect.forkDetach(effect, { startImmediately: true }), (fiber) => {
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) return Effect.succeed(exit)
    const ended: Effect.Effect<Exit.Exit<A, E> | Fiber.Fiber<A, E>> = Fiber.await(fiber)
    const bounded = millis === 0
      ? ended
      : Effect.timeoutOrElse(ended, { duration: millis, orElse: () => Effect.succeed(fiber) })
    return bounded.pipe(
      Effect.onInterrupt(() => Effect.sync(() => fiber.interruptUnsafe()))
    )
  })

/** Answers `late` in place of the effect when it takes longer than `millis`; it is interrupted then, and not waited for. */
export const inTime = <A, E, R, A2 = never, E2 = never>(
  effect: Effect.Effect<A, E, R>,
  { late, millis }: { readonly millis: number; readonly late: () => Effect.Effect<A2, E2> }
): Effect.Effect<A | A2, E | E2, R> =>
  Effect.flatMap(exitInTime(effect, millis), (answer): Effect.Effect<A | A2, E | E2> => {
    if (Exit.isExit(answer)) return answer
    answer.interruptUnsafe()
    return late()
  })
