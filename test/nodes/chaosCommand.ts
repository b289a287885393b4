/**
 * `npm run chaos -- --minutes 10`: seed after seed of three servers in trouble, and a report. The first broken law ends it
 * with exit code 1 and its seed; `--seed 17` begins there.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import build from "../support/program.ts"

// Before what starts servers is read in: it finds the program there.
await build()
const { runSeed } = await import("../support/chaosRun.ts")
const { hasPostgres } = await import("../support/postgres.ts")
const { hasRedisServer } = await import("../support/redisServer.ts")

type Outcome = Effect.Success<ReturnType<typeof runSeed>>

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    report: { type: "string" }
  }
})

const minutes = Number(values.minutes)
const first = Number(values.seed)

const commit = () => execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()
const day = new Date().toISOString().slice(0, 10)
const file = values.report ?? `bench/results/${day}-${commit()}-chaos.json`

const row = (cells: ReadonlyArray<string | number>) =>
  console.log(cells.map((cell, i) => i === 0 ? String(cell).padStart(6) : String(cell).padEnd(9)).join("  "))

const totals = (outcomes: ReadonlyArray<Outcome>) => {
  const struck = new Map<string, number>()
  for (const outcome of outcomes) {
    for (const [name, count] of Object.entries(outcome.struck)) struck.set(name, (struck.get(name) ?? 0) + count)
  }
  return {
    seeds: outcomes.length,
    accepted: outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
    faults: Object.fromEntries([...struck].sort(([a], [b]) => a.localeCompare(b))),
    laws: outcomes.find(({ broken }) => broken === undefined)?.held ?? [],
    broken: outcomes.filter(({ broken }) => broken !== undefined).map(({ seed }) => seed)
  }
}

const report = (outcomes: ReadonlyArray<Outcome>) => {
  const all = totals(outcomes)
  // One line for each seed; what held is the same for all of them.
  const lines = outcomes.map(({ held: _, ...outcome }) => `  ${JSON.stringify(outcome)}`)
  const about = JSON.stringify({ day, commit: commit(), minutes, ...all }, null, 1).replace(/\n\}$/, "")
  writeFileSync(file, `${about},\n "outcomes": [\n${lines.join(",\n")}\n ]\n}\n`)
  console.log(`\n${all.seeds} seeds, ${all.accepted} messages accepted`)
  for (const [name, count] of Object.entries(all.faults)) row([count, name])
  console.log(`\nheld after each:\n${all.laws.map((law) => `  ${law}`).join("\n")}\n\n${file}`)
}

const main = Effect.gen(function*() {
  if (!hasPostgres || !hasRedisServer) {
    console.error("Chaos needs a Postgres (TEST_DATABASE_URL) and the program redis-server.")
    return 1
  }
  const outcomes: Array<Outcome> = []
  const until = performance.now() + minutes * 60_000
  row(["seed", "bus", "seconds", "accepted", "faults", "result"])
  return yield* Effect.gen(function*() {
    for (let seed = first; performance.now() < until; seed++) {
      const outcome = yield* runSeed(seed)
      outcomes.push(outcome)
      const { accepted, broken, bus, seconds, struck } = outcome
      const faults = Object.values(struck).reduce((sum, count) => sum + count, 0)
      row([seed, bus, seconds, accepted, faults, broken === undefined ? "all laws hold" : "BROKEN"])
      if (broken === undefined) continue
      console.error(`\nA law broke at seed ${seed}; npm run chaos -- --seed ${seed} begins with it.\n${broken}`)
      return 1
    }
    return 0
  }).pipe(Effect.ensuring(Effect.sync(() => report(outcomes))))
})

// What it was connected to keeps the process no longer.
NodeRuntime.runMain(Effect.flatMap(main, (code) => Effect.sync(() => process.exit(code))), {
  disableErrorReporting: true
})
