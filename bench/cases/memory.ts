/** What an idle connection costs: growth of the proportional set size with 10,000 of them. */
import { Client, openAll } from "../load/Client.ts"
import { pssKilobytes, sleep } from "../proc.ts"
import { type BenchCase, keepers } from "./case.ts"

export const memory: BenchCase = {
  name: "memory",
  title: "Memory per idle connection: 10,000 connections",
  servers: keepers,
  figures: { perConnection: "KB per connection", base: "MB before" },
  ratio: { figure: "perConnection", to: "bare ws" },
  run: async (server, { scale, warmUpMillis }) => {
    const connections = Math.round(10_000 * scale)
    const open = (user: string, i: number) => () =>
      new Client({ port: server.port, user, dialect: server.dialect, localAddress: `127.0.0.${2 + i % 4}` })
    // Code that runs for the first time is not a connection's cost.
    const first = await openAll(Array.from({ length: 200 }, (_, i) => open(`warm${i}`, i)))
    for (const client of first) client.close()
    await sleep(warmUpMillis)
    const before = pssKilobytes(server.pid)
    const clients = await openAll(Array.from({ length: connections }, (_, i) => open(`user${i}`, i)))
    await sleep(Math.max(warmUpMillis, 5_000 * scale))
    const after = pssKilobytes(server.pid)
    for (const client of clients) client.socket.destroy()
    return { perConnection: (after - before) / connections, base: before / 1_024 }
  }
}
