/** P1 to P10 on three servers: whatever happens to them, and to what is between them, at whatever moment. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { appendFileSync } from "node:fs"
import { runSeed } from "../support/chaosRun.ts"
import { hasPostgres } from "../support/postgres.ts"
import { hasRedisServer } from "../support/redisServer.ts"

/** `NODES_CHAOS_SEED=17` tells the story of one seed; `npm run chaos` those of many. */
const one = process.env["NODES_CHAOS_SEED"]
const count = Number(process.env["NODES_CHAOS_SEEDS"] ?? "1")
const seeds = one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(one)]
const report = process.env["NODES_REPORT"]

describe.skipIf(!hasPostgres || !hasRedisServer)("three servers in trouble", () => {
  for (const seed of seeds) {
    it.live(`all laws hold afterwards: seed ${seed}`, () =>
      Effect.map(runSeed(seed), (outcome) => {
        if (report !== undefined) appendFileSync(report, `${JSON.stringify(outcome)}\n`)
        const after = `NODES_CHAOS_SEED=${seed}, after ${Object.keys(outcome.struck).join(", ")}`
        assert.isUndefined(outcome.broken, after)
      }), 150_000)
  }
})
