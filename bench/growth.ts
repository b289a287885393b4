/** `npm run bench:growth`: how cost grows with connections, with members of a group, with a store. See bench/README.md. */
import { execFileSync } from "node:child_process"
import { parseArgs } from "node:util"
import { bus } from "./growth/bus.ts"
import { connections } from "./growth/connections.ts"
import { groups } from "./growth/groups.ts"
import type { Engine, Part, Row } from "./growth/part.ts"
import { report, write } from "./growth/report.ts"
import { stores } from "./growth/stores.ts"
import { hasTaskset } from "./servers.ts"

const { values } = parseArgs({
  options: {
    part: { type: "string", default: "connections,groups,stores,bus" },
    sizes: { type: "string" },
    engines: { type: "string", default: "node,bun" },
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false }
  }
})

const named = values.part.split(",")
const all = [connections, groups, stores, bus]
const parts = all.filter(({ name }) => named.includes(name))
const unknown = named.filter((name) => !all.some((part) => part.name === name))
if (unknown.length > 0) {
  process.stderr.write(`There is no part ${unknown.join(", ")}; choose of ${all.map(({ name }) => name).join(", ")}.\n`)
  process.exit(1)
}
const engines = values.engines.split(",") as ReadonlyArray<Engine>
const windows = values.quick
  ? { warmUpMillis: 500, measuredMillis: 1_000, scale: 0.1 }
  : { warmUpMillis: 2_000, measuredMillis: 6_000, scale: 1 }
const some = values.sizes?.split(",").map(Number)
const sizesOf = ({ quickSizes, sizes }: Part) =>
  values.quick ? quickSizes : sizes.filter((size) => some === undefined || some.includes(size))

// As many sockets here and in the server as there are connections, or members of a group.
const sockets = Math.max(0, ...parts.filter((part) => part === connections || part === groups).flatMap(sizesOf))
const open = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }))
if (open < sockets + 500) {
  process.stderr.write(`Only ${open} files may be open; run "ulimit -n 45000" first.\n`)
  process.exit(1)
}
if (hasTaskset) execFileSync("taskset", ["-cp", "1", String(process.pid)], { stdio: "ignore" })

const began = performance.now()
const rows: Array<Row> = []
for (const part of parts) {
  for (const size of sizesOf(part)) {
    for (const server of engines.flatMap((engine) => part.servers[engine])) {
      const figures = await part.run(server, size, windows)
      rows.push({ part: part.name, size, server, figures })
      process.stderr.write(`${part.name} ${size} ${server} ${JSON.stringify(figures)}\n`)
    }
  }
  part.end?.()
  // What was measured is not lost with what comes after it.
  if (values.write) process.stderr.write(`${write(all, rows)}\n`)
}

process.stdout.write(`${report(parts, rows)}\n`)
process.stderr.write(`It took ${Math.round((performance.now() - began) / 60_000)} minutes.\n`)
