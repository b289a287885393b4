/** Who came and who went, on whatever server, for those who tell it elsewhere. Nothing is kept while nobody listens. */
import { Effect, type Scope } from "effect"
import type { UserId } from "../../domain/Ids.ts"

export type TransitionListener = (user: UserId, isOnline: boolean) => void

export class Transitions {
  readonly #listeners = new Set<TransitionListener>()
  readonly #online = new Set<UserId>()

  /** Something about this user may have changed. */
  look(user: UserId, isOnline: boolean): void {
    if (this.#listeners.size === 0 || isOnline === this.#online.has(user)) return
    if (isOnline) this.#online.add(user)
    else this.#online.delete(user)
    for (const listener of this.#listeners) listener(user, isOnline)
  }

  readonly listen = (listener: TransitionListener): Effect.Effect<void, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => void this.#listeners.add(listener)),
      () =>
        Effect.sync(() => {
          this.#listeners.delete(listener)
          if (this.#listeners.size === 0) this.#online.clear()
        })
    )
}
