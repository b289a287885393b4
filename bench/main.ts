/** `npm run bench`: see bench/README.md. */
import { execFileSync } from "node:child_process"
import { parseArgs } from "node:util"
import type { BenchCase } from "./cases/case.ts"
import { connectLeave } from "./cases/connect.ts"
import { durable, durablePaced } from "./cases/durable.ts"
import { fanout } from "./cases/fanout.ts"
import { groupAway } from "./cases/group-away.ts"
import { memory } from "./cases/memory.ts"
import { paced } from "./cases/paced.ts"
import { presenceStorm } from "./cases/presence-storm.ts"
import { relay } from "./cases/relay.ts"
import { type Result, table, write } from "./report.ts"
import { hasTaskset, start } from "./servers.ts"

const all: ReadonlyArray<BenchCase> = [
  relay,
  paced,
  memory,
  connectLeave,
  durable,
  durablePaced,
  fanout,
  groupAway,
  presenceStorm
]

const { values } = parseArgs({
  options: {
    case: { type: "string" },
    servers: { type: "string" },
    repeat: { type: "string", default: "3" },
    quick: { type: "boolean", default: false }
  }
})

const chosen = values.case === undefined ? all : all.filter(({ name }) => values.case!.split(",").includes(name))
const repeat = values.quick ? 1 : Number(values.repeat)
const windows = values.quick
  ? { warmUpMillis: 1_000, measuredMillis: 2_000, scale: 0.1 }
  : { warmUpMillis: 3_000, measuredMillis: 8_000, scale: 1 }

// 10,000 sockets here and as many in the server.
const files = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }))
if (files < 12_000 * windows.scale) {
  process.stderr.write(`Only ${files} files may be open; run "ulimit -n 20000" first.\n`)
  process.exit(1)
}
if (hasTaskset) execFileSync("taskset", ["-cp", "1", String(process.pid)], { stdio: "ignore" })

const results: Array<Result> = []
for (let round = 1; round <= repeat; round++) {
  for (const { name, run, servers } of chosen) {
    // Interleaved: each round has every server once, so that a slow minute of the machine hits all of them.
    for (const serverName of servers) {
      if (values.servers !== undefined && !values.servers.split(",").includes(serverName)) continue
      const server = await start(serverName)
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
