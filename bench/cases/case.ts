import type { RunningServer, ServerName } from "../servers.ts"

export interface Windows {
  readonly warmUpMillis: number
  readonly measuredMillis: number
  /** 1 in a full run, less in a quick one. */
  readonly scale: number
}

/** One thing to measure. `figures` of a run are shown side by side; ratios are taken of `ratio`. */
export interface BenchCase {
  readonly name: string
  readonly title: string
  readonly servers: ReadonlyArray<ServerName>
  readonly figures: Readonly<Record<string, string>>
  /** The figure that is compared, and with which server. */
  readonly ratio: { readonly figure: string; readonly to: ServerName }
  /** Some of its servers have modules of another kind in the source, so that all of them are run from it. */
  readonly fromSource?: true
  readonly run: (server: RunningServer, windows: Windows) => Promise<Readonly<Record<string, number>>>
}

/** All that keep connections of people who do nothing, and let them come and go. */
export const keepers: ReadonlyArray<ServerName> = [
  "bare ws",
  "Switchboard",
  "Switchboard v1",
  "Socket.IO",
  "original Go design",
  "ejabberd",
  "bare Bun.serve",
  "Switchboard on Bun"
]

export const quantile = (sorted: ReadonlyArray<number>, q: number): number =>
  sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
