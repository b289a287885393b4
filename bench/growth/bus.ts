/** What a server hears of another: of every message, whoever it is for, and of everybody who comes and goes. */
import type { Windows } from "../cases/case.ts"
import { pace } from "../cases/paced.ts"
import { redisMillis } from "../database.ts"
import { Client, frame, openAll } from "../load/Client.ts"
import { cpuMillis, sleep } from "../proc.ts"
import { type ServerName, start } from "../servers.ts"
import { heapArgs, heapOf } from "./heap.ts"
import type { Figures, Part } from "./part.ts"

const text = "x".repeat(100)
const pairs = 200
const warmCycles = 2_000

const run = async (name: ServerName, perSecond: number, windows: Windows): Promise<Figures> => {
  const server = await start(name, { runtime: heapArgs(false) })
  try {
    const [speaking, hearing] = [server.nodes[0]!, server.nodes.at(-1)!]
    const { port } = speaking
    let delivered = 0
    // They confirm what they hear, as the typed client does.
    const onText = (client: Client, payload: Buffer) => {
      if (!payload.includes("incoming_message")) return
      delivered++
      const { conversation, seq } = JSON.parse(payload.toString()) as { conversation: string; seq: number }
      client.socket.write(frame(JSON.stringify({ type: "received", conversation, up_to: seq })))
    }
    const open = (user: string) => () => new Client({ port, user, dialect: "v1", onText })
    const clients = await openAll(Array.from({ length: 2 * pairs }, (_, i) => open(`u${i}`)))
    const send = (i: number) => {
      const at = i % clients.length
      clients[at]!.socket.write(clients[at]!.message(`u${at ^ 1}`, text, `m${i}-${performance.now()}`))
    }
    const used = () => ({
      own: cpuMillis(speaking.pid),
      other: cpuMillis(hearing.pid),
      database: server.databaseMillis(),
      redis: redisMillis()
    })
    await pace(perSecond, windows.warmUpMillis, send)
    await sleep(500)
    delivered = 0
    const before = used()
    const sent = await pace(perSecond, windows.measuredMillis, send)
    await sleep(1_500)
    const after = used()
    if (delivered !== sent) throw new Error(`${delivered} of ${sent} messages came`)
    const micros = (which: keyof typeof after) => (after[which] - before[which]) * 1_000 / sent
    const come = async (count: number, prefix: string) => {
      const all = await openAll(Array.from({ length: count }, (_, i) => open(`${prefix}${i}`)))
      await sleep(1_500)
      return all
    }
    for (const client of await come(warmCycles * windows.scale, "w")) client.close()
    await sleep(6_000 * windows.scale)
    const memory = await heapOf(hearing.pid)
    const cpu = cpuMillis(hearing.pid)
    const count = 4 * warmCycles * windows.scale
    const all = await come(count, "user-with-a-name-")
    const heard = cpuMillis(hearing.pid) - cpu
    const kept = await heapOf(hearing.pid) - memory
    for (const client of [...clients, ...all]) client.socket.destroy()
    return {
      own: micros("own"),
      other: micros("other"),
      database: micros("database"),
      redis: micros("redis"),
      come: heard * 1_000 / count,
      bytes: kept / count
    }
  } finally {
    await server.stop()
  }
}

/** Needs Postgres and Redis, as the cases of several nodes do. */
export const bus: Part = {
  name: "bus",
  title:
    "Two servers and three on Postgres and Redis, all on one core; all that is said is said and heard on the first",
  of: "messages a second",
  sizes: [500, 2_000],
  quickSizes: [500],
  servers: { node: ["2 nodes over Redis", "3 nodes over Redis"], bun: [] },
  figures: {
    own: "CPU µs by message of the first",
    other: "of another",
    database: "of Postgres",
    redis: "of Redis",
    come: "CPU µs of another by user who comes on the first",
    bytes: "its memory by such a user, bytes"
  },
  run
}
