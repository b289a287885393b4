/** README's table and its chart, of the figures of one run. */
import { median, type Result, show } from "./figures.ts"
import type { ServerName } from "./servers.ts"

interface Row {
  readonly case: string
  readonly title: string
  readonly figure: string
  readonly unit: string
}

const rows: ReadonlyArray<Row> = [
  { case: "relay", title: "Relay, 1,000 connections: CPU per message", figure: "cpu", unit: "µs" },
  { case: "relay-20k", title: "Relay at 20,000/s: CPU per message", figure: "cpu", unit: "µs" },
  { case: "relay-20k", title: "Relay at 20,000/s: p99", figure: "p99", unit: "ms" },
  { case: "durable", title: "Durable, 1,000 senders: CPU per message", figure: "cpu", unit: "µs" },
  { case: "fanout", title: "Group of 1,000, all online: CPU per delivery", figure: "cpu", unit: "µs" },
  { case: "fanout-20", title: "Group of 1,000, 20 messages/s: CPU per delivery", figure: "cpu", unit: "µs" },
  { case: "memory", title: "Memory per idle connection, of 10,000", figure: "perConnection", unit: "KB" },
  { case: "connect", title: "Connect and leave: CPU per cycle", figure: "cpu", unit: "ms" }
]

/** What ratios are to. */
const yardstick: ServerName = "bare ws"

interface Column {
  readonly server: ServerName
  readonly title: string
  readonly colour: string
}

const columns: ReadonlyArray<Column> = [
  { server: yardstick, title: "bare ws", colour: "#9aa0a6" },
  { server: "bare Bun.serve", title: "bare Bun.serve", colour: "#c9b458" },
  { server: "Socket.IO", title: "Socket.IO", colour: "#5f6368" },
  { server: "original Go design", title: "original Go design", colour: "#8e6fc4" },
  { server: "ejabberd", title: "ejabberd", colour: "#e8935a" },
  { server: "ejabberd with its archive", title: "ejabberd, archive", colour: "#c5521c" },
  { server: "Switchboard", title: "Switchboard, memory", colour: "#1a73e8" },
  { server: "Switchboard on Bun", title: "the same on Bun", colour: "#669df6" },
  { server: "Switchboard SQLite", title: "Switchboard, SQLite", colour: "#188038" },
  { server: "Switchboard SQLite on Bun", title: "SQLite on Bun", colour: "#5bb974" }
]

const valueOf = (results: ReadonlyArray<Result>, row: Row, server: ServerName): number | undefined => {
  const rounds = results.filter((each) => each.case === row.case && each.server === server)
  return rounds.length === 0 ? undefined : median(rounds.map(({ figures }) => figures[row.figure]!))
}

const measured = (results: ReadonlyArray<Result>) => ({
  columns: columns.filter(({ server }) => results.some((each) => each.server === server)),
  rows: rows.filter((row) => columns.some(({ server }) => valueOf(results, row, server) !== undefined))
})

/** The cells of README's table, its head first: what was not measured is empty. */
export const cells = (results: ReadonlyArray<Result>): ReadonlyArray<ReadonlyArray<string>> => {
  const of = measured(results)
  const lines = of.rows.map((row) => {
    const base = valueOf(results, row, yardstick)
    return [
      row.title,
      ...of.columns.map(({ server }) => {
        const value = valueOf(results, row, server)
        if (value === undefined) return ""
        const ratio = server === yardstick || base === undefined ? "" : ` (${(value / base).toFixed(2)})`
        return `${show(value)} ${row.unit}${ratio}`
      })
    ]
  })
  return [["case", ...of.columns.map(({ title }) => title)], ...lines]
}

export const markdown = (results: ReadonlyArray<Result>): string => {
  const all = cells(results)
  const widths = all[0]!.map((_, i) => Math.max(...all.map((line) => line[i]!.length)))
  const line = (of: ReadonlyArray<string>) => `| ${of.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  const [head, ...rest] = all
  return [line(head!), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rest.map(line)].join("\n")
}

const bar = { height: 14, left: 330, width: 440, gap: 18 }

/** Bars of the ratios to bare `ws`; one that is longer than the picture says so by its number. */
export const chart = (results: ReadonlyArray<Result>, title: string): string => {
  const of = measured(results)
  const compared = of.columns.filter(({ server }) => server !== yardstick)
  const most = 5
  const parts: Array<string> = []
  const text = (x: number, y: number, said: string, more = "") =>
    void parts.push(`<text x="${x}" y="${y}" ${more}>${said.replaceAll("&", "&amp;")}</text>`)
  text(10, 22, title, `font-weight="bold"`)
  let x = 10
  let top = 34
  for (const { colour, title } of compared) {
    const width = 30 + title.length * 6.6
    if (x + width > bar.left + bar.width + 30) {
      x = 10
      top += 18
    }
    parts.push(`<rect x="${x}" y="${top}" width="10" height="10" fill="${colour}"/>`)
    text(x + 14, top + 9, title)
    x += width
  }
  let y = top + 30
  for (const row of of.rows) {
    const base = valueOf(results, row, yardstick)
    if (base === undefined) continue
    text(bar.left - 10, y + 11, row.title, `text-anchor="end"`)
    for (const { colour, server } of compared) {
      const value = valueOf(results, row, server)
      if (value === undefined) continue
      const ratio = value / base
      const width = (Math.min(ratio, most) / most * bar.width).toFixed(1)
      parts.push(`<rect x="${bar.left}" y="${y}" width="${width}" height="${bar.height - 2}" fill="${colour}"/>`)
      text(bar.left + Number(width) + 5, y + 11, ratio.toFixed(2))
      y += bar.height
    }
    y += bar.gap
  }
  const one = bar.left + bar.width / most
  parts.push(
    `<line x1="${one}" x2="${one}" y1="${top + 22}" y2="${y - bar.gap}" stroke="#9aa0a6" stroke-dasharray="3 3"/>`
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="860" height="${y}" viewBox="0 0 860 ${y}" ` +
    `font-family="sans-serif" font-size="12"><rect width="860" height="${y}" fill="#fff"/>\n${
      parts.join("\n")
    }\n</svg>\n`
}
