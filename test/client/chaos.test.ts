/** P2 to P5 from the client's side: whatever happens to the lines, everything arrives, once and in order. */
import { describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { actors } from "../support/actors.ts"
import { story } from "../support/chaos.ts"

/** `CHAOS_SEED=17` tells the story of one seed. */
const one = process.env["CHAOS_SEED"]
const count = Number(process.env["CHAOS_SEEDS"] ?? "1000")
const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(one)]

/** Dead lines are found within the time that a story has, and in every other story the server wants it slow. */
const settingsOf = (seed: number) => ({
  heartbeatMillis: 5_000,
  heartbeatTimeoutMillis: 5_000,
  ...(seed % 2 === 0 ? { maxMessagesPerSecond: 6 } : undefined)
})

describe("ChatClient on bad lines", () => {
  it.effect(
    `exactly once, in order, nothing lost: ${seeds.length} seeds`,
    () =>
      Effect.forEach(seeds, (seed) =>
        story(seed).pipe(
          Effect.provide(actors(settingsOf(seed))),
          Effect.scoped,
          Random.withSeed(seed),
          Effect.catchCause((cause) => Effect.die(new Error(`CHAOS_SEED=${seed}`, { cause })))
        ), { discard: true }),
    300_000
  )
})
