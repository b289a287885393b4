/** Messages at a given rate, whatever the server does: what one costs when it is not saturated, and how long it takes. */
import { Client, openAll } from "../load/Client.ts"
import { cpuMillis, sleep } from "../proc.ts"
import { type BenchCase, quantile } from "./case.ts"

const rate = 20_000
const connections = 1_000
const padding = "x".repeat(80)

/** Calls `send` with a growing index so that it keeps to the rate; late by at most a turn of the event loop. */
export const pace = async (perSecond: number, millis: number, send: (i: number) => void): Promise<number> => {
  const start = performance.now()
  let sent = 0
  while (true) {
    const elapsed = performance.now() - start
    const due = Math.floor(Math.min(elapsed, millis) / 1_000 * perSecond)
    while (sent < due) send(sent++)
    if (elapsed >= millis) return sent
    await new Promise<void>((resolve) => setTimeout(resolve, 1))
  }
}

export const paced: BenchCase = {
  name: "relay-20k",
  title: "Relay at 20,000 messages per second: 1,000 connections",
  servers: [
    "bare ws",
    "Switchboard",
    "Switchboard v1",
    "Socket.IO",
    "original Go design",
    "bare Bun.serve",
    "Switchboard on Bun"
  ],
  figures: { cpu: "CPU µs per delivered message", rate: "delivered/s", p50: "p50 ms", p99: "p99 ms" },
  ratio: { figure: "cpu", to: "bare ws" },
  run: async (server, { measuredMillis, warmUpMillis }) => {
    let delivered = 0
    let latencies: Array<number> = []
    const onText = (_: Client, payload: Buffer) => {
      const at = payload.indexOf("@@")
      if (at < 0) return
      delivered++
      latencies.push(performance.now() - Number(payload.toString("latin1", at + 2, at + 18)))
    }
    const clients = await openAll(
      Array.from(
        { length: connections },
        (_, i) => () => new Client({ port: server.port, user: `u${i}`, dialect: server.dialect, onText })
      )
    )
    const send = (i: number) => {
      const stamp = performance.now().toFixed(6).padStart(16, "0").slice(0, 16)
      const client = clients[i % connections]!
      client.socket.write(client.message(`u${(i + connections / 2) % connections}`, `${padding}@@${stamp}`))
    }
    await pace(rate, warmUpMillis, send)
    await sleep(200)
    latencies = []
    const before = { delivered, cpu: cpuMillis(server.pid), at: performance.now() }
    await pace(rate, measuredMillis, send)
    const seconds = (performance.now() - before.at) / 1_000
    await sleep(300)
    const count = delivered - before.delivered
    const cpu = cpuMillis(server.pid) - before.cpu
    for (const client of clients) client.socket.destroy()
    const sorted = latencies.sort((a, b) => a - b)
    return {
      cpu: cpu * 1_000 / count,
      rate: count / seconds,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99)
    }
  }
}
