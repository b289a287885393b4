/** One thing that grows, at several sizes. */
import type { Windows } from "../cases/case.ts"
import type { ServerName } from "../servers.ts"

export type Engine = "node" | "bun"

export type Figures = Readonly<Record<string, number>>

export interface Part {
  readonly name: string
  readonly title: string
  /** What the sizes are of. */
  readonly of: string
  readonly sizes: ReadonlyArray<number>
  /** Of a smoke run. */
  readonly quickSizes: ReadonlyArray<number>
  readonly servers: Readonly<Record<Engine, ReadonlyArray<ServerName>>>
  /** What a server has no figure of is left out of what `run` gives. */
  readonly figures: Readonly<Record<string, string>>
  readonly run: (server: ServerName, size: number, windows: Windows) => Promise<Figures>
  /** When all is measured. */
  readonly end?: () => void
}

export interface Row {
  readonly part: string
  readonly size: number
  readonly server: ServerName
  readonly figures: Figures
}

export const isOnBun = (server: ServerName): boolean => server.includes("Bun")
