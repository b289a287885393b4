/** P1 to P10 on three servers: whatever happens to them, and to what is between them, at whatever moment. */
import { describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { appendFileSync } from "node:fs"
import { story } from "../support/clusterChaos.ts"
import { House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"
import { hasRedisServer } from "../support/redisServer.ts"

/** `NODES_CHAOS_SEED=17` tells the story of one seed. */
const one = process.env["NODES_CHAOS_SEED"]
const count = Number(process.env["NODES_CHAOS_SEEDS"] ?? "1")
const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(one)]
const report = process.env["NODES_REPORT"]

describe.skipIf(!hasPostgres || !hasRedisServer)("three servers in trouble", () => {
  for (const seed of seeds) {
    const bus = seed % 2 === 0 ? "postgres" : "redis"
    it.live(`all laws hold afterwards: seed ${seed}, ${bus}`, () => {
      const struck = new Map<string, number>()
      return story(seed, struck).pipe(
        Effect.provide(House.layer({ bus })),
        Effect.scoped,
        Random.withSeed(seed),
        Effect.onExit(({ _tag }) =>
          Effect.sync(() => {
            if (report === undefined) return
            appendFileSync(
              report,
              `${JSON.stringify({ seed, bus, result: _tag, struck: Object.fromEntries(struck) })}\n`
            )
          })
        ),
        Effect.catchCause((cause) =>
          Effect.die(new Error(`NODES_CHAOS_SEED=${seed}, after ${[...struck.keys()].join(", ")}`, { cause }))
        )
      )
    }, 150_000)
  }
})
