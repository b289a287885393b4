/** What a server's answers look like to people. Pure. */
import { DateTime } from "effect"
import { harmless, width } from "../chat/text.ts"

/** A time of the last two centuries, as the fields that bear one are called. */
const isTime = (name: string, value: unknown): value is number =>
  typeof value === "number" && /(^at|_at|^until|_seen)$/.test(name)

/** A clock's word may be beyond what dates can say. */
const timeOf = (millis: number): string =>
  Math.abs(millis) < 8.64e15 ? DateTime.formatIso(DateTime.makeUnsafe(millis)) : String(millis)

const valueOf = (name: string, value: unknown): string =>
  value === undefined || value === null
    ? ""
    : isTime(name, value)
    ? timeOf(value)
    : harmless(typeof value === "string" ? value : JSON.stringify(value))

const padded = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - width(text)))

/** A line for each, under the names of the columns. */
export const tableOf = (
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>
): string => {
  const lines = [columns, ...rows.map((row) => columns.map((column) => valueOf(column, row[column])))]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => width(line[i]!))))
  return lines.map((line) => line.map((cell, i) => padded(cell, widths[i]!)).join("  ").trimEnd()).join("\n")
}

/** A line for each field. */
export const linesOf = (thing: Readonly<Record<string, unknown>>): string => {
  const widest = Math.max(...Object.keys(thing).map(width))
  return Object.entries(thing).map(([name, value]) => `${padded(name, widest)}  ${valueOf(name, value)}`).join("\n")
}
