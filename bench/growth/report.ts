/** A table for each part, with the machine and the commit. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { show } from "../figures.ts"
import { machine } from "../report.ts"
import type { Part, Row } from "./part.ts"

const tableOf = ({ figures, name, of, title }: Part, rows: ReadonlyArray<Row>): string => {
  const labels = Object.entries(figures)
  const own = rows.filter(({ part }) => part === name)
  return [
    `## ${title}`,
    "",
    `| ${[of, "server", ...labels.map(([, label]) => label)].join(" | ")} |`,
    `| ${Array.from({ length: labels.length + 2 }, () => "---").join(" | ")} |`,
    ...own.map(({ figures, server, size }) => {
      const cells = labels.map(([figure]) => figures[figure] === undefined ? "–" : show(figures[figure]))
      return `| ${[size.toLocaleString("en-US"), server, ...cells].join(" | ")} |`
    }),
    ""
  ].join("\n")
}

export const report = (parts: ReadonlyArray<Part>, rows: ReadonlyArray<Row>): string => {
  const about = machine()
  const measured = parts.filter(({ name }) => rows.some(({ part }) => part === name))
  return [
    `# How cost grows: ${about.day}, commit ${about.commit}`,
    "",
    `${about.cpu}, ${about.cores} cores, ${about.memoryGiB} GiB, Linux ${about.kernel}, Node ${about.node}, ${
      about.pinned ? "server on one core, load on the other" : "not pinned"
    }; one round.`,
    "",
    ...measured.map((part) => tableOf(part, rows))
  ].join("\n")
}

/** What the file of this day and commit has of other parts and servers stays, so that parts can be run one at a time. */
export const write = (parts: ReadonlyArray<Part>, fresh: ReadonlyArray<Row>): string => {
  const about = machine()
  const base =
    new URL(`../results/${about.day}-growth-${about.commit.replace("+", "-dirty")}`, import.meta.url).pathname
  const known = existsSync(`${base}.json`)
    ? (JSON.parse(readFileSync(`${base}.json`, "utf8")) as { readonly rows: ReadonlyArray<Row> }).rows
    : []
  const isSame = (a: Row, b: Row) => a.part === b.part && a.size === b.size && a.server === b.server
  const rows = [...known.filter((row) => !fresh.some((other) => isSame(row, other))), ...fresh]
    .toSorted((a, b) => a.size - b.size)
  mkdirSync(new URL("../results", import.meta.url), { recursive: true })
  writeFileSync(`${base}.md`, report(parts, rows))
  writeFileSync(`${base}.json`, `${JSON.stringify({ ...about, rows }, null, 1)}\n`)
  return `${base}.md`
}
