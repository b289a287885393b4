/** How fast a client may speak: half of what the server allows, because some frames cost it more than others. */
import type { Welcome } from "../domain/ServerFrame.ts"

/** Frames a second, by the limits of the connection and of its user; 0 is no limit. */
export const rateOf = ({ limits }: Welcome): number => {
  const rates = [limits.rate_per_second, limits.user_rate_per_second].filter((rate) => rate > 0)
  return rates.length === 0 ? 0 : Math.max(1, Math.min(...rates) / 2)
}

/** Servers write cursors together, so those cost them next to nothing; messages must not wait for thousands of them. */
const cheap = ["{\"type\":\"received\"", "{\"type\":\"read\""]

export const costOf = (texts: ReadonlyArray<string>): number =>
  texts.reduce((sum, text) => sum + (cheap.some((start) => text.startsWith(start)) ? 0.1 : 1), 0)

/** A token bucket that holds what may be said in one second. */
export class SendRate {
  readonly #perSecond: number
  #tokens: number
  #at: number

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#at = now
  }

  /** As many frames as may go together. */
  get burst(): number {
    return this.#perSecond === 0 ? Number.MAX_SAFE_INTEGER : Math.max(1, Math.floor(this.#perSecond))
  }

  /** Takes what they cost, at most a burst, and answers for how many milliseconds to wait before they are said. */
  take(cost: number, now: number): number {
    if (this.#perSecond === 0) return 0
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (now - this.#at) * this.#perSecond / 1_000) - cost
    this.#at = now
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens * 1_000 / this.#perSecond)
  }
}
