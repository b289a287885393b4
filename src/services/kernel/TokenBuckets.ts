/**
 * Token buckets by key, in memory. They forget a key once its bucket is full again and nobody holds it, and never hold
 * more than a bound, beside those that are held.
 */

/** What one key may do: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A second's worth more than the rate may come at once, because people and networks come in bursts. */
export const rateOf = (perSecond: number): Rate => ({ perSecond, burst: perSecond * 2 })

/** One bucket; it holds at most `burst` tokens and gains `perSecond`. It may owe, and then gains until it has again. */
export class TokenBucket {
  #tokens: number
  #at: number

  constructor(rate: Rate, now: number) {
    this.#tokens = rate.burst
    this.#at = now
  }

  /**
   * Takes `tokens` and answers 0, or takes nothing and answers in how many milliseconds it will. What costs more than
   * the bucket holds needs a full one, and leaves a debt.
   */
  take(rate: Rate, tokens: number, now: number): number {
    const held = this.#held(rate, now)
    const needed = Math.min(tokens, rate.burst)
    this.#at = now
    if (held >= needed) {
      this.#tokens = held - tokens
      return 0
    }
    this.#tokens = held
    return Math.max(1, Math.ceil((needed - held) / rate.perSecond * 1_000))
  }

  /** Takes `tokens`, whether or not they are there. */
  charge(rate: Rate, tokens: number, now: number): void {
    this.#tokens = this.#held(rate, now) - tokens
    this.#at = now
  }

  /** Takes `tokens` in any case, and answers in how many milliseconds all of them will have been there. */
  reserve(rate: Rate, tokens: number, now: number): number {
    this.charge(rate, tokens, now)
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / rate.perSecond * 1_000)
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

interface Held {
  readonly bucket: TokenBucket
  holders: number
}

export class TokenBuckets {
  readonly #buckets = new Map<string, TokenBucket>()
  /** Those of which somebody keeps hold; whoever comes to them later shares the same. */
  readonly #held = new Map<string, Held>()
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
    return this.#buckets.size + this.#held.size
  }

  /** The bucket of a key, which is the key's until it is released as often as it was held. */
  hold(key: string, now: number): TokenBucket {
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.holders++
      return held.bucket
    }
    const bucket = this.#of(key, now)
    this.#buckets.delete(key)
    this.#held.set(key, { bucket, holders: 1 })
    return bucket
  }

  release(key: string): void {
    const held = this.#held.get(key)
    if (held === undefined || --held.holders > 0) return
    this.#held.delete(key)
    // The youngest; forgotten like any other once it is full.
    this.#buckets.set(key, held.bucket)
  }

  #of(key: string, now: number): TokenBucket {
    const known = this.#held.get(key)?.bucket ?? this.#buckets.get(key)
    if (known !== undefined) return known
    this.#sweep(now)
    const bucket = new TokenBucket(this.#rate, now)
    this.#buckets.set(key, bucket)
    return bucket
  }

  take(key: string, tokens: number, now: number): number {
    return this.#of(key, now).take(this.#rate, tokens, now)
  }

  reserve(key: string, tokens: number, now: number): number {
    return this.#of(key, now).reserve(this.#rate, tokens, now)
  }

  /** Gives back what was taken for something that did not happen. */
  give(key: string, tokens: number, now: number): void {
    this.#of(key, now).give(this.#rate, tokens)
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
