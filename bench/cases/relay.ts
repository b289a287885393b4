/** 500 pairs with one message in flight each way, as fast as they go. */
import { Client, deliveryMark, openAll } from "../load/Client.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { BenchCase } from "./case.ts"

const pairs = 500
const text = "x".repeat(100)

export const relay: BenchCase = {
  name: "relay",
  title: "Relay, closed loop: 1,000 connections, 100-byte texts",
  servers: [
    "bare ws",
    "Switchboard",
    "Switchboard v1",
    "Switchboard SQLite",
    "Socket.IO",
    "original Go design",
    "ejabberd",
    "bare Bun.serve",
    "Switchboard on Bun",
    "Switchboard SQLite on Bun"
  ],
  figures: { cpu: "CPU µs per delivered message", rate: "delivered/s", load: "load generator's CPU %" },
  ratio: { figure: "cpu", to: "bare ws" },
  run: async (server, { measuredMillis, warmUpMillis }) => {
    const mark = deliveryMark(server.dialect)
    let delivered = 0
    const next = new Map<Client, Buffer>()
    const onText = (client: Client, payload: Buffer) => {
      if (!payload.includes(mark)) return
      delivered++
      client.socket.write(next.get(client)!)
    }
    const open = (user: string) => () => new Client({ port: server.port, user, dialect: server.dialect, onText })
    const users = Array.from({ length: pairs }, (_, i) => [`a${i}`, `b${i}`] as const)
    const clients = await openAll(users.flatMap(([a, b]) => [open(a), open(b)]))
    clients.forEach((client, i) => next.set(client, client.message(users[i >> 1]![i % 2 === 0 ? 1 : 0], text)))
    for (const client of clients) client.socket.write(next.get(client)!)
    await sleep(warmUpMillis)
    const before = { delivered, cpu: cpuMillis(server.pid), own: process.cpuUsage(), at: performance.now() }
    await sleep(measuredMillis)
    const count = delivered - before.delivered
    const cpu = cpuMillis(server.pid) - before.cpu
    const own = process.cpuUsage(before.own)
    const seconds = (performance.now() - before.at) / 1_000
    for (const client of clients) client.socket.destroy()
    return { cpu: cpu * 1_000 / count, rate: count / seconds, load: (own.user + own.system) / seconds / 10_000 }
  }
}
