/** One group of 1,000 who are all here; four of them talk, each as fast as their words come through. */
import { Client, openAll } from "../load/Client.ts"
import { createGroup } from "../load/group.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { BenchCase } from "./case.ts"

const members = 1_000
const speakers = 4
const text = "x".repeat(100)

export const fanout: BenchCase = {
  name: "fanout",
  title: "Group of 1,000, all online: 4 speak, 100-byte texts",
  servers: [
    "bare ws",
    "Switchboard",
    "Switchboard v1",
    "Switchboard SQLite",
    "Switchboard SQLite v1",
    "Socket.IO",
    "bare Bun.serve",
    "Switchboard on Bun",
    "Switchboard SQLite on Bun"
  ],
  figures: { cpu: "CPU µs per delivery", rate: "deliveries/s", load: "load generator's CPU %" },
  ratio: { figure: "cpu", to: "bare ws" },
  run: async (server, { measuredMillis, warmUpMillis }) => {
    const users = Array.from({ length: members }, (_, i) => `u${i}`)
    const group = await createGroup(server, users[0]!, users.slice(1))
    let delivered = 0
    const speaking: Array<Client> = []
    const onText = (client: Client, payload: Buffer) => {
      if (!payload.includes("incoming_message")) return
      delivered++
      // The last to be served lets the speaker that it belongs to go on.
      const turn = listeners.indexOf(client)
      if (turn >= 0 && payload.includes(`#${turn}#`)) speaking[turn]!.socket.write(words[turn]!)
    }
    const clients = await openAll(
      users.map((user) => () => new Client({ port: server.port, user, dialect: server.dialect, onText }))
    )
    for (let i = 0; i < speakers; i++) speaking.push(clients[i]!)
    const listeners = clients.slice(-speakers)
    const words = speaking.map((client, i) => client.groupMessage(group, `#${i}#${text}`))
    for (const [i, client] of speaking.entries()) client.socket.write(words[i]!)
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
