/** `npm run bench`: see bench/README.md. */
import { execFileSync } from "node:child_process"
import { parseArgs } from "node:util"
import type { BenchCase } from "./cases/case.ts"
import { connectLeave } from "./cases/connect.ts"
import { durable, durablePaced } from "./cases/durable.ts"
import { fanoutPaced } from "./cases/fanout-paced.ts"
import { fanout } from "./cases/fanout.ts"
import { filesDown, filesMemory, filesTalk, filesUp } from "./cases/files.ts"
import { groupAway } from "./cases/group-away.ts"
import { memory } from "./cases/memory.ts"
import { nodesAlone } from "./cases/nodes-alone.ts"
import { nodesCpu } from "./cases/nodes-cpu.ts"
import { nodesJournal } from "./cases/nodes-journal.ts"
import { nodesLatency } from "./cases/nodes-latency.ts"
import { nodesKill, nodesRolling } from "./cases/nodes-rolling.ts"
import { nodesShare, nodesTwo } from "./cases/nodes-two.ts"
import { paced } from "./cases/paced.ts"
import { presenceStorm } from "./cases/presence-storm.ts"
import { relay } from "./cases/relay.ts"
import { searchPostgres, searchSqlite } from "./cases/search-cost.ts"
import { prepare } from "./prepare.ts"
import { type Result, table, write } from "./report.ts"
import { hasTaskset, type ServerName, start } from "./servers.ts"

const one: ReadonlyArray<BenchCase> = [
  relay,
  paced,
  memory,
  connectLeave,
  durable,
  durablePaced,
  fanout,
  fanoutPaced,
  groupAway,
  presenceStorm,
  searchSqlite
]
/** Run only by name, or as `files`: they write some gigabytes. */
const files: ReadonlyArray<BenchCase> = [filesUp, filesDown, filesMemory, filesTalk]
/** These need Postgres, or Redis too, so they are run only by name, or as `nodes`. */
const several: ReadonlyArray<BenchCase> = [
  nodesLatency,
  nodesCpu,
  nodesJournal,
  nodesAlone,
  nodesTwo,
  nodesShare,
  nodesRolling,
  nodesKill,
  searchPostgres
]

const { values } = parseArgs({
  options: {
    case: { type: "string" },
    servers: { type: "string" },
    repeat: { type: "string", default: "3" },
    quick: { type: "boolean", default: false }
  }
})

const named = values.case?.split(",")
const isChosen = ({ name }: BenchCase) =>
  named!.includes(name) || ["files", "nodes"].some((all) => named!.includes(all) && name.startsWith(`${all}-`))
const chosen = named === undefined ? one : [...one, ...files, ...several].filter(isChosen)
const repeat = values.quick ? 1 : Number(values.repeat)
const windows = values.quick
  ? { warmUpMillis: 1_000, measuredMillis: 2_000, scale: 0.1 }
  : { warmUpMillis: 3_000, measuredMillis: 8_000, scale: 1 }

// 10,000 sockets here and as many in the server.
const open = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }))
if (open < 12_000 * windows.scale) {
  process.stderr.write(`Only ${open} files may be open; run "ulimit -n 20000" first.\n`)
  process.exit(1)
}
if (hasTaskset) execFileSync("taskset", ["-cp", "1", String(process.pid)], { stdio: "ignore" })

const namedServers = values.servers?.split(",")
const isWanted = (server: ServerName) => namedServers?.includes(server) ?? true
const absent = prepare(new Set(chosen.flatMap(({ servers }) => servers).filter(isWanted)))

const results: Array<Result> = []
for (let round = 1; round <= repeat; round++) {
  for (const { fromSource, name, run, servers } of chosen) {
    // Interleaved: each round has every server once, so that a slow minute of the machine hits all of them.
    for (const serverName of round % 2 === 1 ? servers : servers.toReversed()) {
      if (!isWanted(serverName) || absent.has(serverName)) continue
      const server = await start(serverName, { fromSource })
      try {
        const figures = await run(server, windows)
        results.push({ case: name, server: serverName, figures })
        process.stderr.write(`${round}/${repeat} ${name} ${serverName} ${JSON.stringify(figures)}\n`)
      } finally {
        await server.stop()
      }
    }
  }
}

const markdown = table(chosen, results)
process.stdout.write(`${markdown}\n\n`)
if (!values.quick) process.stdout.write(`${write(markdown, results, { repeat, windows })}\n`)
