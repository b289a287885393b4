/** Pairs whose senders are all on the first process of a server and whose recipients are all on its last. */
import { quantile, type Windows } from "../cases/case.ts"
import { pace } from "../cases/paced.ts"
import { redisMillis } from "../database.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { RunningServer } from "../servers.ts"
import { Client, openAll } from "./Client.ts"

const pairs = 500
const padding = "x".repeat(80)

export interface AcrossFigures {
  readonly [figure: string]: number
  readonly p50: number
  readonly p99: number
  readonly rate: number
  /** Of all processes of the server, by delivery. */
  readonly cpu: number
  readonly database: number
  readonly redis: number
  readonly lost: number
}

export const across = async (server: RunningServer, rate: number, windows: Windows): Promise<AcrossFigures> => {
  const { dialect, nodes } = server
  let latencies: Array<number> = []
  const onText = (_: Client, payload: Buffer) => {
    const at = payload.indexOf("@@")
    if (at < 0) return
    latencies.push(performance.now() - Number(payload.toString("latin1", at + 2, at + 18)))
  }
  const open = (port: number, prefix: string) =>
    openAll(
      Array.from(
        { length: pairs },
        (_, i) => () => new Client({ port, user: `${prefix}${i}`, dialect, onText })
      )
    )
  const recipients = await open(nodes.at(-1)!.port, "r")
  const senders = await open(nodes[0]!.port, "s")
  const send = (i: number) => {
    const stamp = performance.now().toFixed(6).padStart(16, "0").slice(0, 16)
    const client = senders[i % pairs]!
    client.socket.write(client.message(`r${i % pairs}`, `${padding}@@${stamp}`))
  }
  const used = () => ({
    server: nodes.reduce((sum, { pid }) => sum + cpuMillis(pid), 0),
    database: server.databaseMillis(),
    redis: redisMillis(),
    at: performance.now()
  })
  await pace(rate, windows.warmUpMillis, send)
  await sleep(300)
  latencies = []
  const start = used()
  const sent = await pace(rate, windows.measuredMillis, send)
  const seconds = (performance.now() - start.at) / 1_000
  for (let i = 0; i < 50 && latencies.length < sent; i++) await sleep(20)
  const end = used()
  for (const client of [...senders, ...recipients]) client.socket.destroy()
  const sorted = latencies.sort((a, b) => a - b)
  const micros = (before: number, after: number) => (after - before) * 1_000 / sorted.length
  return {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    rate: sorted.length / seconds,
    cpu: micros(start.server, end.server),
    database: micros(start.database, end.database),
    redis: micros(start.redis, end.redis),
    lost: sent - sorted.length
  }
}
