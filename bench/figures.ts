/** What was measured, and how it is written down. */
import type { ServerName } from "./servers.ts"

export interface Result {
  readonly case: string
  readonly server: ServerName
  readonly figures: Readonly<Record<string, number>>
}

export const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

export const show = (value: number): string =>
  Math.abs(value) >= 999.5 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3)
