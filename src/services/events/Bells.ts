/** Wakes those who look again and again whether there is something to do. What rings while they look is not missed. */
import { Effect, Latch, type Scope } from "effect"
import type * as Monotonic from "../kernel/Monotonic.ts"

export interface Bell {
  /** Said before one looks: whatever rings from here on ends the next `wait`. */
  readonly reset: () => void
  /** Returns when it rings, or at this time. */
  readonly wait: (until?: number) => Effect.Effect<void>
}

export class Bells {
  readonly #latches = new Set<Latch.Latch>()
  readonly #now: Monotonic.Now

  constructor(now: Monotonic.Now) {
    this.#now = now
  }

  ring(): void {
    for (const latch of this.#latches) latch.openUnsafe()
  }

  /** One for each who looks, for as long as the scope is open. */
  readonly listen: Effect.Effect<Bell, never, Scope.Scope> = Effect.suspend(() => {
    const latch = Latch.makeUnsafe(false)
    const bell: Bell = {
      reset: () => void latch.closeUnsafe(),
      wait: (until) =>
        until === undefined
          ? latch.await
          : Effect.suspend(() => Effect.asVoid(Effect.timeoutOption(latch.await, Math.max(1, until - this.#now()))))
    }
    return Effect.acquireRelease(
      Effect.sync(() => {
        this.#latches.add(latch)
        return bell
      }),
      () => Effect.sync(() => void this.#latches.delete(latch))
    )
  })
}
