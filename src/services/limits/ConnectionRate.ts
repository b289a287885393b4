/** How many may connect in a second: a part of it each address, all together the whole. */
import { type Rate, rateOf, TokenBucket, TokenBuckets } from "../kernel/TokenBuckets.ts"
import { type SettingValues, shareOf } from "../Settings.ts"

export class ConnectionRate {
  readonly #each: TokenBuckets
  readonly #all: TokenBucket
  readonly #rateOfAll: Rate

  constructor({ maxConnectionsPerSecond }: SettingValues, now: number, headroom = 1) {
    this.#each = new TokenBuckets(rateOf(shareOf(maxConnectionsPerSecond) * headroom))
    this.#rateOfAll = rateOf(maxConnectionsPerSecond * headroom)
    this.#all = new TokenBucket(this.#rateOfAll, now)
  }

  /** Milliseconds to wait. Asked first: who is past their own part takes nothing from that of all. */
  takeOwn(address: string, now: number): number {
    return this.#each.take(address, 1, now)
  }

  /** Milliseconds to wait. */
  takeOfAll(now: number): number {
    return this.#all.take(this.#rateOfAll, 1, now)
  }
}
