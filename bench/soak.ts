/**
 * `npm run soak -- --minutes 120 --connections 1000 --store sqlite`, or `--nodes 2`: people who do everything for as long as
 * that, a sample of the server each half minute, and what has grown from start to end. See bench/README.md.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { sleep } from "./proc.ts"
import { machine } from "./report.ts"
import { start } from "./servers.ts"
import { forget } from "./soak/inside.ts"
import { People, rates } from "./soak/people.ts"
import { picture } from "./soak/picture.ts"
import { adminToken, growthOf, type Sample, sample } from "./soak/sample.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "120" },
    connections: { type: "string", default: "1000" },
    nodes: { type: "string", default: "1" },
    store: { type: "string", default: "sqlite" },
    every: { type: "string", default: "30" }
  }
})

if (values.nodes !== "1" && values.nodes !== "2" || values.store !== "sqlite") {
  process.stderr.write("Give --nodes 2 for two servers on Postgres and Redis, or --store sqlite for one.\n")
  process.exit(2)
}

const minutes = Number(values.minutes)
const everyMillis = Number(values.every) * 1_000

/** What may not grow for as long as the same people are here: so much an hour, or a tenth of what it was. */
const bounds = {
  rssMiB: 20,
  heapMiB: 10,
  descriptors: 20,
  timers: 20,
  fibers: 50,
  groupsActive: 5,
  waiting: 100
} as const
/** These are told and not judged: the disk has what was said, and latencies are the machine's, too. */
const told = ["diskMiB", "p50", "p99", "eventLoopMillis"] as const

/** SQLite's page cache fills as its file grows, and then stays: so many MiB of C's heap (docs/proof.md). */
const pageCacheMiB = values.store === "sqlite" && values.nodes === "1" ? 80 : 0

/** What a process needs to warm up looks like growth for as long as that. */
const leastMinutes = 30

const verdictOf = (samples: ReadonlyArray<Sample>) => {
  const judged = Object.entries(bounds).map(([name, bound]) => {
    const figure = name as keyof typeof bounds
    const growth = growthOf(samples, figure)
    const grown = growth.end - growth.start
    const allowed = figure === "rssMiB" ? pageCacheMiB : 0
    const perHour = grown > 0 ? growth.perHour * Math.max(0, grown - allowed) / grown : growth.perHour
    const isSteady = perHour <= Math.max(bound, growth.start / 10)
    const isLong = samples.at(-1)!.minutes >= leastMinutes
    return { figure, growth, verdict: !isLong ? "too short to say" : isSteady ? "steady" : "grows" }
  })
  return [...judged, ...told.map((figure) => ({ figure, growth: growthOf(samples, figure), verdict: "" }))]
}

const server = await start(values.nodes === "2" ? "2 nodes for a soak" : "1 node for a soak", {
  flags: ["--admin-token", adminToken]
})
const people = new People(server, Number(values.connections))
const samples: Array<Sample> = []
const asked = new AbortController()
process.removeAllListeners("SIGINT")
process.once("SIGINT", () => asked.abort())

try {
  await people.begin()
  const begin = performance.now()
  for (let n = 1; !asked.signal.aborted && performance.now() - begin < minutes * 60_000; n++) {
    while (!asked.signal.aborted && performance.now() < begin + n * everyMillis) await sleep(250)
    const one = await sample(server, people, (performance.now() - begin) / 60_000).catch((error: unknown) => {
      // Hours are not lost for one of them.
      process.stderr.write(`There is no sample: ${String(error)}\n`)
    })
    if (one === undefined) continue
    samples.push(one)
    process.stdout.write(
      `${one.minutes.toFixed(1).padStart(6)} min  rss ${one.rssMiB.toFixed(0)} MiB  heap ${
        one.heapMiB.toFixed(0)
      } MiB  fds ${one.descriptors}  fibers ${one.fibers}  ` +
        `disk ${one.diskMiB.toFixed(0)} MiB  p50 ${one.p50.toFixed(1)} ms  p99 ${
          one.p99.toFixed(1)
        } ms  errors ${one.errors}\n`
    )
  }
} finally {
  people.end()
  const pids = server.nodes.map(({ pid }) => pid)
  await server.stop()
  pids.forEach(forget)
}

const verdict = verdictOf(samples)
const about = machine()
const name = values.nodes === "2" ? "nodes" : "sqlite"
mkdirSync(new URL("results", import.meta.url), { recursive: true })
const base =
  new URL(`results/${about.day}-${about.commit.replace("+", "-dirty")}-${name}-soak`, import.meta.url).pathname
const done = samples.at(-1)?.minutes ?? 0
writeFileSync(
  `${base}.json`,
  `${
    JSON.stringify(
      {
        ...about,
        minutes: done,
        connections: Number(values.connections),
        nodes: Number(values.nodes),
        rates,
        counts: people.counts,
        errors: Object.fromEntries(people.errors),
        verdict,
        samples
      },
      null,
      1
    )
  }\n`
)
const heading = `${values.connections} connections, ${name === "nodes" ? "two servers" : "one server on SQLite"}, ${
  done.toFixed(0)
} minutes, ${about.commit}`
writeFileSync(`${base}.svg`, picture(heading, samples))
for (const { figure, growth: { end, perHour, start }, verdict: said } of verdict) {
  const figures = [start, end, perHour].map((value) => value.toFixed(1).padStart(10)).join("")
  process.stdout.write(`${figure.padEnd(16)}${figures}/h  ${said}\n`)
}
process.stdout.write(
  `${JSON.stringify(people.counts)} ${JSON.stringify(Object.fromEntries(people.errors))}\n${base}.svg\n`
)
if (verdict.some(({ verdict: said }) => said === "grows")) process.exitCode = 1
