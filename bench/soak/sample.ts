/** What a server is at one moment, and what became of it. */
import { readdirSync } from "node:fs"
import type { RunningServer } from "../servers.ts"
import { readInside } from "./inside.ts"
import type { People } from "./people.ts"

export const adminToken = "the-token-of-a-soak"

/** Of all nodes together; what is asked of one is the largest of them. */
export interface Sample {
  readonly minutes: number
  readonly rssMiB: number
  readonly heapMiB: number
  readonly timers: number
  readonly fibers: number
  readonly descriptors: number
  readonly connections: number
  readonly groupsActive: number
  readonly waiting: number
  readonly eventLoopMillis: number
  readonly diskMiB: number
  readonly p50: number
  readonly p99: number
  readonly accepted: number
  readonly errors: number
}

const mebibyte = 1_048_576

/** The sum of a metric over its series. */
const valueOf = (page: string, name: string): number =>
  page.split("\n").filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`)).reduce(
    (sum, line) => sum + Number(line.split(" ").at(-1)),
    0
  )

const pageOf = async (port: number): Promise<string> => {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { authorization: `Bearer ${adminToken}` }
  })
  return response.text()
}

export const sample = async (server: RunningServer, people: People, minutes: number): Promise<Sample> => {
  const pages = await Promise.all(server.nodes.map(({ port }) => pageOf(port)))
  const inside = server.nodes.map(({ pid }) => readInside(pid))
  const sum = (name: string) => pages.reduce((total, page) => total + valueOf(page, name), 0)
  const most = (name: string) => Math.max(...pages.map((page) => valueOf(page, name)))
  return {
    minutes: Number(minutes.toFixed(2)),
    rssMiB: sum("process_resident_memory_bytes") / mebibyte,
    heapMiB: inside.reduce((total, { heap }) => total + heap, 0) / mebibyte,
    timers: inside.reduce((total, { timers }) => total + timers, 0),
    fibers: inside.reduce((total, { fibers }) => total + fibers, 0),
    descriptors: server.nodes.reduce((total, { pid }) => total + readdirSync(`/proc/${pid}/fd`).length, 0),
    connections: sum("switchboard_connections"),
    groupsActive: sum("switchboard_groups_active"),
    waiting: sum("switchboard_mailbox_depth"),
    eventLoopMillis: most("switchboard_event_loop_delay_seconds") * 1_000,
    diskMiB: await server.diskBytes() / mebibyte,
    ...people.latency(),
    accepted: people.counts.accepted,
    errors: [...people.errors.values()].reduce((total, count) => total + count, 0)
  }
}

export interface Growth {
  readonly start: number
  readonly end: number
  readonly perHour: number
}

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length

/** A fifth at the start, after what a process needs to warm up, against a fifth at the end. */
export const growthOf = (samples: ReadonlyArray<Sample>, figure: keyof Sample): Growth => {
  const warm = samples.slice(Math.min(4, Math.floor(samples.length / 4)))
  const part = Math.max(1, Math.floor(warm.length / 5))
  const [first, last] = [warm.slice(0, part), warm.slice(-part)]
  const start = mean(first.map((each) => each[figure]))
  const end = mean(last.map((each) => each[figure]))
  const hours = (mean(last.map(({ minutes }) => minutes)) - mean(first.map(({ minutes }) => minutes))) / 60
  return { start, end, perHour: hours === 0 ? 0 : (end - start) / hours }
}
