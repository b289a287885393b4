/** What idle connections take, and what they make dearer: coming, going and talking. */
import { quantile, type Windows } from "../cases/case.ts"
import { pace } from "../cases/paced.ts"
import { Client, openAll } from "../load/Client.ts"
import { cpuMillis, pssKilobytes, sleep } from "../proc.ts"
import { type RunningServer, type ServerName, start } from "../servers.ts"
import { heapArgs, heapOf } from "./heap.ts"
import { type Figures, isOnBun, type Part } from "./part.ts"
import { said, stamp } from "./stamp.ts"

const perSecond = 1_000
const talkers = 100
const padding = "x".repeat(80)
/** A connection that is silent is pinged each 25 seconds, and looked at once a second: all of them once in this time. */
const heartbeatMillis = 26_000
/** One address has some 28,000 ports. */
const address = (i: number) => `127.0.0.${2 + i % 4}`

/** Connections that come and go, 50 at a time; the CPU of one in milliseconds. */
const cycles = async ({ dialect, pid, port }: RunningServer, count: number): Promise<number> => {
  const before = cpuMillis(pid)
  const worker = async (from: number) => {
    for (let i = 0; i < count / 50; i++) {
      const user = `c${from}-${i}`
      const client = await new Client({ port, user, dialect, localAddress: address(from) }).ready()
      const closed = new Promise<void>((resolve) => client.socket.once("close", () => resolve()))
      client.close()
      await closed
    }
  }
  await Promise.all(Array.from({ length: 50 }, (_, from) => worker(from)))
  return (cpuMillis(pid) - before) / count
}

/** Messages at a steady pace between the first of them. */
const talk = async (
  { pid }: RunningServer,
  clients: ReadonlyArray<Client>,
  latencies: Array<number>,
  { measuredMillis, warmUpMillis }: Windows
): Promise<Figures> => {
  const send = (i: number) => {
    const client = clients[i % talkers]!
    client.socket.write(client.message(clients[(i + talkers / 2) % talkers]!.options.user, padding + stamp()))
  }
  await pace(perSecond, warmUpMillis, send)
  await sleep(200)
  latencies.length = 0
  const cpu = cpuMillis(pid)
  const sent = await pace(perSecond, measuredMillis, send)
  await sleep(300)
  const used = cpuMillis(pid) - cpu
  if (latencies.length !== sent) throw new Error(`${latencies.length} of ${sent} messages came`)
  const sorted = latencies.toSorted((a, b) => a - b)
  return { talkCpu: used * 1_000 / sent, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) }
}

const run = async (name: ServerName, size: number, windows: Windows): Promise<Figures> => {
  const server = await start(name, { runtime: heapArgs(isOnBun(name)) })
  const { dialect, pid, port } = server
  try {
    const latencies: Array<number> = []
    const onText = (_: Client, payload: Buffer) => {
      const at = said(payload)
      if (at !== undefined) latencies.push(performance.now() - at)
    }
    // Code that runs for the first time is no connection's cost.
    await cycles(server, 6_000 * windows.scale)
    await sleep(500)
    const before = await heapOf(pid)
    const clients = await openAll(
      Array.from(
        { length: size },
        (_, i) => () => new Client({ port, user: `user${i}`, dialect, localAddress: address(i), onText })
      )
    )
    await sleep(500)
    const after = await heapOf(pid)
    const resident = pssKilobytes(pid)
    const idle = { cpu: cpuMillis(pid), at: performance.now() }
    const asksForLife = !name.startsWith("bare")
    if (asksForLife) await sleep(windows.scale === 1 ? heartbeatMillis : 1_000)
    const idleShare = (cpuMillis(pid) - idle.cpu) / (performance.now() - idle.at) * 100
    const cycle = await cycles(server, 3_000 * windows.scale)
    const talked = await talk(server, clients, latencies, windows)
    for (const client of clients) client.socket.destroy()
    return {
      resident: resident / 1_024,
      heap: (after - before) / 1_024 / size,
      ...(asksForLife ? { idle: idleShare } : {}),
      cycle,
      ...talked
    }
  } finally {
    await server.stop()
  }
}

export const connections: Part = {
  name: "connections",
  title: "Idle connections, messages in memory",
  of: "connections",
  sizes: [1_000, 5_000, 19_000],
  quickSizes: [200, 1_000],
  servers: { node: ["bare ws", "Switchboard"], bun: ["bare Bun.serve", "Switchboard on Bun"] },
  figures: {
    resident: "resident, MB",
    heap: "heap by connection, KB",
    idle: "CPU while idle, % of a core",
    cycle: "connect and leave, CPU ms",
    talkCpu: "1,000 messages/s, CPU µs each",
    p50: "p50 ms",
    p99: "p99 ms"
  },
  run
}
