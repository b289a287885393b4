/** When what failed is tried again, and when it is given up. Pure. */

/** After the first failure, doubling, up to the second; of one event. */
const firstMillis = 1_000
const lastMillis = 300_000
/** Then it is given up. */
export const giveUpMillis = 86_400_000

const doubled = (times: number, most: number): number => Math.min(most, firstMillis * 2 ** Math.min(times - 1, 30))

/** Spread, so that what failed together does not come together again. `random` is from 0 to 1. */
const spread = (millis: number, random: number): number => Math.round(millis * (0.8 + 0.4 * random))

/** After so many tries. */
export const retryMillis = (attempts: number, random: number): number =>
  Math.min(lastMillis, spread(doubled(attempts, lastMillis), random))

/** So many conversations that fail one after the other, and nothing that is taken, mean that it is the receiver. */
export const downAfter = 4
/** It is asked with one event then, not so rarely that it would be noticed late when it is back. */
const lastProbeMillis = 30_000

export class Target {
  /** Those that failed since something was last taken. */
  readonly #failed = new Set<string>()
  #probes = 0
  #until = 0

  get isDown(): boolean {
    return this.#failed.size >= downAfter
  }

  /** Nobody is to try before this time. */
  get until(): number {
    return this.#until
  }

  /** While it is down, one at a time. */
  mayTry(now: number, inFlight: number): boolean {
    return now >= this.#until && (!this.isDown || inFlight === 0)
  }

  /** Somebody wants it to be asked now. */
  lift(): void {
    this.#failed.clear()
    this.#probes = 0
    this.#until = 0
  }

  /** Returns whether it was down. */
  taken(): boolean {
    const wasDown = this.isDown
    this.#failed.clear()
    this.#probes = 0
    return wasDown
  }

  /** `retryAfter` is what it has asked for. */
  failed(what: string, now: number, random: number, retryAfter = 0): void {
    if (this.#failed.size < downAfter) this.#failed.add(what)
    if (this.isDown) {
      this.#probes++
      this.#until = Math.max(this.#until, now + spread(doubled(this.#probes, lastProbeMillis), random))
    }
    this.#until = Math.max(this.#until, now + retryAfter)
  }
}
