/** Everything that is drawn: one small generator (mulberry32) for each purpose, so that a seed is the same story everywhere. */
import type { Random } from "effect"

export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** From 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  /** Both ends are possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  happens(share: number): boolean {
    return this.next() < share
  }

  pick<A>(all: ReadonlyArray<A>): A {
    return all[this.below(all.length)]!
  }

  /** Another one, which this one does not depend on any more. */
  fork(): Chance {
    return new Chance(this.below(2 ** 32))
  }

  /** As `effect` has it. */
  get random(): (typeof Random.Random)["Service"] {
    return {
      nextIntUnsafe: () => Math.floor((this.next() - 0.5) * 2 * Number.MAX_SAFE_INTEGER),
      nextDoubleUnsafe: () => this.next()
    }
  }
}
