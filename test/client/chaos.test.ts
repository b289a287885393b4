/** P2 to P5 and P8 from the client's side: whatever happens to lines, members, blocks and the server itself. */
import { describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { story } from "../support/chaos.ts"

/** `CHAOS_SEED=17` tells the story of one seed. */
const one = process.env["CHAOS_SEED"]
const count = Number(process.env["CHAOS_SEEDS"] ?? "1000")
const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(one)]

describe("ChatClient on bad lines", () => {
  it.effect(
    `exactly once, in order, nothing lost: ${seeds.length} seeds`,
    () =>
      Effect.forEach(seeds, (seed) =>
        story(seed).pipe(
          Effect.scoped,
          Random.withSeed(seed),
          Effect.catchCause((cause) => Effect.die(new Error(`CHAOS_SEED=${seed}`, { cause })))
        ), { discard: true }),
    300_000
  )
})
