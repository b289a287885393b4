/** Token buckets by key, in memory. They forget a key once its bucket is full again, and never hold more than a bound. */

/** What one key may do: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A second's worth more than the rate may come at once, because people and networks come in bursts. */
export const rateOf = (perSecond: number): Rate => ({ perSecond, burst: perSecond * 2 })

/** One bucket; it holds at most `burst` tokens and gains `perSecond`. */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes `tokens` and answers 0, or takes nothing and answers in how many milliseconds they will be there. */
  take(rate: Rate, tokens: number, now: number): number {
    const held = this.#held(rate, now)
    this.#at = now
    if (held >= tokens) {
      this.#tokens = held - tokens
      return 0
    }
    this.#tokens = held
    return Math.max(1, Math.ceil((Math.min(tokens, rate.burst) - held) / rate.perSecond * 1_000))
  }

  /** Gives back what was taken for something that did not happen. */
  give(rate: Rate, tokens: number): void {
    this.#tokens = Math.min(rate.burst, this.#tokens + tokens)
  }

  isFull(rate: Rate, now: number): boolean {
    return this.#held(rate, now) >= rate.burst
  }

  #held(rate: Rate, now: number): number {
    const gained = Math.max(0, now - this.#at) * rate.perSecond / 1_000
    return Math.min(rate.burst, this.#tokens + gained)
  }
}

/** How many of the oldest keys are looked at for each new one; more than one, so that the map shrinks. */
const swept = 4

export class TokenBuckets {
  readonly #buckets = new Map<string, TokenBucket>()
  readonly #rate: Rate
  readonly #maxKeys: number

  /** Past `maxKeys` the oldest key is forgotten, which favours it: memory is bounded before fairness is. */
  constructor(rate: Rate, maxKeys = 100_000) {
    this.#rate = rate
    this.#maxKeys = maxKeys
  }

  get rate(): Rate {
    return this.#rate
  }

  get size(): number {
    return this.#buckets.size
  }

  /** The bucket of a key. Whoever keeps it may go on using it, also after it was forgotten here. */
  of(key: string, now: number): TokenBucket {
    const known = this.#buckets.get(key)
    if (known !== undefined) return known
    this.#sweep(now)
    const bucket = new TokenBucket(this.#rate, now)
    this.#buckets.set(key, bucket)
    return bucket
  }

  take(key: string, tokens: number, now: number): number {
    return this.of(key, now).take(this.#rate, tokens, now)
  }

  #sweep(now: number): void {
    let looked = 0
    for (const [key, bucket] of this.#buckets) {
      if (looked++ === swept) break
      this.#buckets.delete(key)
      // Whoever still owes tokens is remembered, as the youngest.
      if (!bucket.isFull(this.#rate, now)) this.#buckets.set(key, bucket)
    }
    if (this.#buckets.size < this.#maxKeys) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
