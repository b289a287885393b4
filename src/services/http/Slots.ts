/** How many may be at something at once: in all, and each by themselves. Whoever comes past that is told when to ask again. */
import { Effect, type Scope } from "effect"
import { Refused } from "../access/Authenticator.ts"

export interface SlotsOptions {
  readonly inAll: number
  readonly each: number
  /** What there is too much of, in a sentence: "Too many files are on their way". */
  readonly tooMany: string
  readonly retryAfterSeconds: number
}

export class Slots {
  readonly #options: SlotsOptions
  readonly #held = new Map<string, number>()
  #all = 0

  constructor(options: SlotsOptions) {
    this.#options = options
  }

  /** Held until the scope closes. `key` is whose it is; without one it counts in all alone. */
  take(key: string | undefined): Effect.Effect<void, Refused, Scope.Scope> {
    return Effect.asVoid(Effect.acquireRelease(
      Effect.suspend(() => {
        const { each, inAll, retryAfterSeconds, tooMany } = this.#options
        const own = key === undefined ? 0 : this.#held.get(key) ?? 0
        if (own >= each) {
          return new Refused({ status: 429, message: `${tooMany} for you; wait for one of them.`, retryAfterSeconds })
        }
        if (this.#all >= inAll) {
          return new Refused({ status: 503, message: `${tooMany} at the moment; try again later.`, retryAfterSeconds })
        }
        this.#all++
        if (key !== undefined) this.#held.set(key, own + 1)
        return Effect.void
      }),
      () => Effect.sync(() => this.#release(key))
    ))
  }

  #release(key: string | undefined): void {
    this.#all--
    if (key === undefined) return
    const own = (this.#held.get(key) ?? 1) - 1
    if (own === 0) this.#held.delete(key)
    else this.#held.set(key, own)
  }
}
