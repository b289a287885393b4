/** The arithmetic of docs/capacity.md: from the figures of a run of `bench:growth` to a million connections. */
import type { Row } from "./part.ts"

const connections = 1_000_000
/** Of its core, that a server is planned to use. */
const share = 0.5
const secondsOfDay = 86_400

/** What the formula is made of; times of the CPU in microseconds. */
interface Costs {
  /** Connections of one server, at most, that were measured. */
  readonly measured: number
  /** KB of a connection, MB of a server without any, bytes of a user on another server. */
  readonly memory: number
  readonly base: number
  readonly elsewhere: number
  /** Of an idle connection in a second. */
  readonly idle: number
  readonly come: number
  readonly comeElsewhere: number
  readonly message: number
  readonly hear: number
  readonly delivery: number
  readonly postgres: number
  /** For each server. */
  readonly redis: number
  readonly bytes: number
}

/** The smallest size first. */
const bySize = (rows: ReadonlyArray<Row>, part: string, server: string): ReadonlyArray<Row> => {
  const found = rows.filter((row) => row.part === part && row.server === server).toSorted((a, b) => a.size - b.size)
  if (found.length === 0) throw new Error(`There is no figure of ${part} for ${server}.`)
  return found
}

export const costsOf = (rows: ReadonlyArray<Row>): Costs => {
  const [fewer, idle] = bySize(rows, "connections", "Switchboard").slice(-2) as [Row, Row]
  // What a process has and does beside its connections is the same in both, so the difference is theirs.
  const grown = (figure: string) => (idle.figures[figure]! - fewer.figures[figure]!) / (idle.size - fewer.size)
  const memory = grown("resident") * 1_024
  const heard = bySize(rows, "bus", "2 nodes over Redis")
  const two = heard[0]!.figures
  const group = bySize(rows, "groups", "Switchboard SQLite").find(({ size }) => size === 1_000)!.figures
  return {
    measured: idle.size,
    memory,
    base: idle.figures["resident"]! - memory * idle.size / 1_024,
    elsewhere: two["bytes"]!,
    idle: grown("idle") * 10_000,
    come: idle.figures["cycle"]! * 1_000,
    comeElsewhere: two["come"]!,
    message: two["own"]!,
    // A server says some hundred a second, and hears thousands of others.
    hear: heard.at(-1)!.figures["other"]!,
    delivery: group["delivery"]!,
    postgres: two["database"]!,
    // It writes each message to each server; what it has to do before that is in it.
    redis: bySize(rows, "bus", "3 nodes over Redis").at(-1)!.figures["redis"]! / 3,
    bytes: bySize(rows, "stores", "Switchboard SQLite").at(-1)!.figures["bytes"]!
  }
}

interface Load {
  readonly name: string
  /** Messages a second, of all. */
  readonly rate: number
  /** Deliveries of a message beside the first. */
  readonly more: number
  /** Who come a second. */
  readonly coming: number
}

const minute = connections / 60

const loads: ReadonlyArray<Load> = [
  { name: "idle", rate: 0, more: 0, coming: 0 },
  { name: "one message each in ten minutes", rate: minute / 10, more: 0, coming: 0 },
  { name: "one message each in a minute", rate: minute, more: 0, coming: 0 },
  { name: "the same, a tenth of it in groups of 100, all here", rate: minute, more: 0.1 * 98, coming: 0 },
  { name: "idle, and all come back within five minutes", rate: 0, more: 0, coming: connections / 300 }
]

const answer = (costs: Costs, { coming, more, rate }: Load) => {
  const cores = (micros: number) => micros / 1_000_000
  const divided = cores(
    connections * costs.idle + rate * (costs.message + more * costs.delivery) + coming * costs.come
  )
  const everywhere = cores(rate * costs.hear + coming * costs.comeElsewhere)
  const byCpu = everywhere < share ? Math.max(1, Math.ceil(divided / (share - everywhere))) : undefined
  const servers = Math.max(byCpu ?? 0, Math.ceil(connections / costs.measured))
  const here = connections / servers
  return {
    byCpu,
    servers,
    cpu: divided / servers + everywhere,
    everywhere,
    gigabytes: (costs.base / 1_024) + (here * costs.memory / 1_024 ** 2) +
      (connections - here) * costs.elsewhere / 1_024 ** 3,
    postgres: cores(rate * costs.postgres),
    redis: cores(rate * servers * costs.redis),
    disk: rate * secondsOfDay * costs.bytes / 1e9
  }
}

const number = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : value === 0 ? "0" : Number(value.toPrecision(2)).toString()

const percent = (part: number): string => `${number(part * 100)} %`

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`
  return [line(rows[0]!), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.slice(1).map(line)]
    .join("\n")
}

/** What was measured. */
export const inputs = (costs: Costs): string =>
  table([
    ["", "what", "how much", "measured as"],
    ["m", "memory of a connection", `${number(costs.memory)} KB`, "connections, the two largest"],
    ["M", "of a server without any", `${number(costs.base)} MB`, "the same"],
    ["b", "of a user who is on another server", `${number(costs.elsewhere)} bytes`, "bus, two servers"],
    ["i", "CPU of an idle connection in a second", `${number(costs.idle)} µs`, "the same"],
    ["k", "of one that comes and goes", `${number(costs.come)} µs`, "connections, the most"],
    ["w", "of another server, that hears of it", `${number(costs.comeElsewhere)} µs`, "bus, two servers"],
    [
      "c",
      "of a message kept, delivered and confirmed",
      `${number(costs.message)} µs`,
      "bus, two servers, 500 a second"
    ],
    ["h", "of another server, that hears it", `${number(costs.hear)} µs`, "bus, two servers, 2,000 a second"],
    ["d", "of a further delivery in a group", `${number(costs.delivery)} µs`, "groups, of 1,000"],
    ["p", "of Postgres, of a message", `${number(costs.postgres)} µs`, "bus, two servers, 500 a second"],
    ["q", "of Redis, of a message, for each server", `${number(costs.redis)} µs`, "bus, three servers, 2,000 a second"],
    ["e", "disk of a message", `${number(costs.bytes)} bytes`, "stores, the most; SQLite"]
  ])

/** What follows from it for a million. */
export const answers = (costs: Costs): string =>
  table([
    [
      "what they do",
      "messages/s",
      "N by CPU",
      "N",
      "core of each",
      "GB of each",
      "Postgres, cores",
      "Redis, cores",
      "GB/day"
    ],
    ...loads.map((load) => {
      const { byCpu, cpu, disk, everywhere, gigabytes, postgres, redis, servers } = answer(costs, load)
      return [
        load.name,
        number(load.rate),
        byCpu === undefined ? `none: R × h is ${percent(everywhere)}` : String(byCpu),
        String(servers),
        percent(cpu),
        number(gigabytes),
        number(postgres),
        number(redis),
        number(disk)
      ]
    })
  ])

/** More than this a second, of all servers together, takes all that a server is planned to use, for hearing. */
export const mostHeard = ({ hear }: Costs): string => number(share * 1_000_000 / hear)
