/** From the figures of all runs to one table of medians and ratios, with the machine and the commit it was made on. */
import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, release, totalmem } from "node:os"
import type { BenchCase } from "./cases/case.ts"
import { chart } from "./comparison.ts"
import { median, type Result, show } from "./figures.ts"
import { hasTaskset, type ServerName } from "./servers.ts"

export type { Result }

const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { encoding: "utf8" }).trim()

export const machine = () => ({
  day: new Date().toISOString().slice(0, 10),
  commit: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "src") === "" ? "" : "+"}`,
  node: process.version,
  cpu: cpus()[0]!.model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  pinned: hasTaskset
})

export const table = (cases: ReadonlyArray<BenchCase>, results: ReadonlyArray<Result>): string => {
  const lines: Array<string> = ["| case | server | median | ratio | spread |", "|---|---|---|---|---|"]
  for (const { figures, name, ratio, servers, title } of cases) {
    const valuesOf = (server: ServerName, figure: string) =>
      results.filter((r) => r.case === name && r.server === server).map((r) => r.figures[figure]!)
    const of = (server: ServerName, figure: string) => median(valuesOf(server, figure))
    const present = servers.filter((server) => results.some((r) => r.case === name && r.server === server))
    for (const [i, server] of present.entries()) {
      const medians = Object.entries(figures).map(([figure, label]) => `${show(of(server, figure))} ${label}`)
      const times = present.includes(ratio.to)
        ? (of(server, ratio.figure) / of(ratio.to, ratio.figure)).toFixed(2)
        : "–"
      const compared = valuesOf(server, ratio.figure)
      const spread = `${show(Math.min(...compared))} to ${show(Math.max(...compared))}`
      lines.push(`| ${i === 0 ? title : ""} | ${server} | ${medians.join(" · ")} | ${times} | ${spread} |`)
    }
  }
  return lines.join("\n")
}

export const write = (markdown: string, results: ReadonlyArray<Result>, options: object): string => {
  const about = machine()
  const { day } = about
  const base = new URL(`results/${day}-${about.commit.replace("+", "-dirty")}`, import.meta.url).pathname
  mkdirSync(new URL("results", import.meta.url), { recursive: true })
  writeFileSync(`${base}.json`, `${JSON.stringify({ ...about, ...options, results }, null, 1)}\n`)
  writeFileSync(
    `${base}.md`,
    `# ${day}, commit ${about.commit}\n\n${about.cpu}, ${about.cores} cores, ${about.memoryGiB} GiB, Linux ${about.kernel}, ` +
      `Node ${about.node}, ${about.pinned ? "server on one core, load on the other" : "not pinned"}.\n\n${markdown}\n`
  )
  const title = `Times the cost of bare ws, commit ${about.commit}, ${day}: less is better`
  writeFileSync(`${base}.svg`, chart(results, title))
  return `${base}.md`
}
