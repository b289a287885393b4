/** What a server's answers look like to people. Pure. */
import { DateTime } from "effect"

/** Control characters of a name or a text must not steer the terminal. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => JSON.stringify(character).slice(1, -1))

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
    : plain(typeof value === "string" ? value : JSON.stringify(value))

/** A line for each, under the names of the columns. */
export const tableOf = (
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>
): string => {
  const lines = [columns, ...rows.map((row) => columns.map((column) => valueOf(column, row[column])))]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)))
  return lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()).join("\n")
}

/** A line for each field. */
export const linesOf = (thing: Readonly<Record<string, unknown>>): string => {
  const width = Math.max(...Object.keys(thing).map((name) => name.length))
  return Object.entries(thing).map(([name, value]) => `${name.padEnd(width)}  ${valueOf(name, value)}`).join("\n")
}
