/**
 * Where the door's rate limits are counted. In memory with a bound on the keys, because addresses are the attacker's
 * choice; `RateLimiter.layerStoreRedis` of effect in its place makes several servers count together.
 */
import { Duration, Effect, Layer } from "effect"
import { RateLimiter } from "effect/persistence"
import * as Monotonic from "../Monotonic.ts"
import { TokenBuckets } from "./TokenBuckets.ts"

const make = Effect.gen(function*() {
  const store = yield* RateLimiter.RateLimiterStore
  const now = yield* Monotonic.now
  /** By limit and pace: a handful, fixed by the settings. */
  const rates = new Map<string, TokenBuckets>()
  const bucketsOf = (limit: number, refillMillis: number): TokenBuckets => {
    const name = `${limit}/${refillMillis}`
    let buckets = rates.get(name)
    if (buckets === undefined) {
      buckets = new TokenBuckets({ burst: limit, perSecond: 1_000 / refillMillis })
      rates.set(name, buckets)
    }
    return buckets
  }
  return RateLimiter.RateLimiterStore.of({
    ...store,
    tokenBucket: ({ key, limit, refillRate, tokens }) =>
      Effect.sync(() => {
        const refillMillis = Duration.toMillis(refillRate)
        const buckets = bucketsOf(limit, refillMillis)
        const wait = buckets.take(key, tokens, now())
        // The limiter asks for what is left and since when; a refusal is told as the tokens that are missing.
        return wait === 0 ? [0, 0] as const : [-Math.ceil(wait / refillMillis), 0] as const
      })
  })
})

export const layerMemory = Layer.effect(RateLimiter.RateLimiterStore, make).pipe(
  Layer.provide(RateLimiter.layerStoreMemory)
)
