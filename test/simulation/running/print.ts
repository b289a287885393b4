/** How numbers and tables are shown. */

export const seconds = (millis: number): string => `${(millis / 1_000).toFixed(1)} s`

export const duration = (millis: number): string =>
  millis < 1_000
    ? `${millis.toFixed(0)} ms`
    : millis < 120_000
    ? seconds(millis)
    : millis < 7_200_000
    ? `${(millis / 60_000).toFixed(1)} min`
    : `${(millis / 3_600_000).toFixed(1)} h`

/** Columns as wide as they have to be. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths: Array<number> = []
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length)
  return rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd()).join("\n")
}
