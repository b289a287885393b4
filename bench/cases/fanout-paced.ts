/** One group of 1,000 who are all here, and one message at a time: nothing is shared with a message before or after it. */
import { Client, openAll } from "../load/Client.ts"
import { createGroup } from "../load/group.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { BenchCase } from "./case.ts"
import { pace } from "./paced.ts"

const members = 1_000
const perSecond = 20
const text = "x".repeat(100)

export const fanoutPaced: BenchCase = {
  name: "fanout-20",
  title: `Group of 1,000, all online: ${perSecond} messages a second, one at a time, 100-byte texts`,
  servers: ["bare ws", "Switchboard", "Switchboard v1", "bare Bun.serve", "Switchboard on Bun"],
  figures: { cpu: "CPU µs per delivery", rate: "deliveries/s" },
  ratio: { figure: "cpu", to: "bare ws" },
  run: async (server, { measuredMillis, warmUpMillis }) => {
    const users = Array.from({ length: members }, (_, i) => `u${i}`)
    const group = await createGroup(server, users[0]!, users.slice(1))
    let delivered = 0
    const onText = (_: Client, payload: Buffer) => {
      if (payload.includes("incoming_message")) delivered++
    }
    const clients = await openAll(
      users.map((user) => () => new Client({ port: server.port, user, dialect: server.dialect, onText }))
    )
    const speaker = clients[0]!
    const words = speaker.groupMessage(group, text)
    const say = () => speaker.socket.write(words)
    await pace(perSecond, warmUpMillis, say)
    await sleep(200)
    const before = { delivered, cpu: cpuMillis(server.pid), at: performance.now() }
    await pace(perSecond, measuredMillis, say)
    const seconds = (performance.now() - before.at) / 1_000
    await sleep(300)
    const count = delivered - before.delivered
    const cpu = cpuMillis(server.pid) - before.cpu
    for (const client of clients) client.socket.destroy()
    return { cpu: cpu * 1_000 / count, rate: count / seconds }
  }
}
