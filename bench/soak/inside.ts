/** Where the server of a soak tells of itself. */
import { readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const insideOf = (pid: number): string => join(tmpdir(), `switchboard-soak-${pid}.json`)

export interface Inside {
  readonly heap: number
  readonly timers: number
  readonly fibers: number
}

export const readInside = (pid: number): Inside => JSON.parse(readFileSync(insideOf(pid), "utf8")) as Inside

export const forget = (pid: number): void => rmSync(insideOf(pid), { force: true })
