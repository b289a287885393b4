/** 10,000 users in groups of 51 come back within 10 seconds, and each watches the 50 others of their group. */
import { Client, frame, openAll } from "../load/Client.ts"
import { createGroup } from "../load/group.ts"
import { cpuMillis, pssKilobytes, sleep } from "../proc.ts"
import type { BenchCase } from "./case.ts"

const size = 51
const stormMillis = 10_000
/** More than the server's grace and its next tick. */
const graceMillis = 16_000

export const presenceStorm: BenchCase = {
  name: "presence-storm",
  title: "Presence: 10,000 users come back within 10 s, each watches 50 others",
  servers: ["Switchboard v1", "Switchboard SQLite v1"],
  figures: {
    frames: "presence frames per user",
    cpu: "CPU µs per presence frame",
    seconds: "CPU s in all",
    growth: "MB more at the end"
  },
  ratio: { figure: "cpu", to: "Switchboard v1" },
  run: async (server, { scale }) => {
    const groups = Array.from(
      { length: Math.ceil(10_000 * scale / size) },
      (_, g) => Array.from({ length: size }, (_, i) => `g${g}u${i}`)
    )
    for (const [owner, ...members] of groups) await createGroup(server, owner!, members)
    let frames = 0
    const onText = (_: Client, payload: Buffer) => {
      if (payload.includes("\"presence\"")) frames++
    }
    const users = groups.flatMap((group) => group.map((user) => ({ user, group })))
    const watch = (group: ReadonlyArray<string>, user: string) =>
      frame(JSON.stringify({ type: "subscribe_presence", users: group.filter((other) => other !== user) }))
    const open = (user: string) => () =>
      new Client({
        port: server.port,
        user,
        dialect: server.dialect,
        localAddress: `127.0.0.${2 + Number(user.length) % 4}`,
        onText
      })
    const before = await openAll(users.map(({ user }) => open(user)))
    for (const client of before) client.socket.destroy()
    await sleep(graceMillis)
    const start = { cpu: cpuMillis(server.pid), memory: pssKilobytes(server.pid), at: performance.now() }
    const clients: Array<Client> = []
    const step = 50
    for (let i = 0; i < users.length; i += step) {
      const batch = users.slice(i, i + step)
      const opened = await openAll(batch.map(({ user }) => open(user)))
      for (const [k, client] of opened.entries()) client.socket.write(watch(batch[k]!.group, batch[k]!.user))
      clients.push(...opened)
      const due = start.at + stormMillis * (i + step) / users.length
      await sleep(Math.max(0, due - performance.now()))
    }
    await sleep(3_000)
    const cpu = cpuMillis(server.pid) - start.cpu
    const growth = (pssKilobytes(server.pid) - start.memory) / 1_024
    for (const client of clients) client.socket.destroy()
    return { frames: frames / users.length, cpu: cpu * 1_000 / frames, seconds: cpu / 1_000, growth }
  }
}
