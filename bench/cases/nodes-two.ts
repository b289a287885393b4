/** Durable messages as fast as they go, half of them to somebody on the other node, if there is one. */
import { Client, openAll } from "../load/Client.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { BenchCase } from "./case.ts"

const usersOfNode = 1_000
const text = "x".repeat(100)

const run: BenchCase["run"] = async ({ databaseMillis, dialect, nodes }, { measuredMillis, warmUpMillis }) => {
  const users = usersOfNode * nodes.length
  let accepted = 0
  let delivered = 0
  let sent = 0
  const index = new Map<Client, number>()
  const send = (client: Client) => {
    const i = index.get(client)!
    // Users take turns on the nodes, so the odd half of the steps ends on the other node.
    const recipient = (i + users / 2 + (sent & 1)) % users
    client.socket.write(client.message(`u${recipient}`, text, `m${sent++}`))
  }
  const onText = (client: Client, payload: Buffer) => {
    if (payload.includes("incoming_message")) delivered++
    else if (payload.includes("message_accepted")) {
      accepted++
      send(client)
    }
  }
  const clients = await openAll(
    Array.from(
      { length: users },
      (_, i) => () => new Client({ port: nodes[i % nodes.length]!.port, user: `u${i}`, dialect, onText })
    )
  )
  clients.forEach((client, i) => index.set(client, i))
  clients.forEach(send)
  await sleep(warmUpMillis)
  const used = () => ({
    accepted,
    delivered,
    servers: nodes.reduce((sum, { pid }) => sum + cpuMillis(pid), 0),
    database: databaseMillis(),
    own: process.cpuUsage(),
    at: performance.now()
  })
  const start = used()
  await sleep(measuredMillis)
  const end = used()
  const own = process.cpuUsage(start.own)
  for (const client of clients) client.socket.destroy()
  const seconds = (end.at - start.at) / 1_000
  return {
    rate: (end.accepted - start.accepted) / seconds,
    delivered: (end.delivered - start.delivered) / seconds,
    servers: (end.servers - start.servers) / seconds / 10,
    database: (end.database - start.database) / seconds / 10,
    load: (own.user + own.system) / seconds / 10_000
  }
}

const figures = {
  rate: "accepted/s",
  delivered: "delivered/s",
  servers: "nodes' CPU %",
  database: "Postgres' CPU %",
  load: "load generator's CPU %"
}

export const nodesTwo: BenchCase = {
  name: "nodes-two",
  title:
    "Durable, closed loop, 1,000 users of each node: one node on core 0; two on cores 0 and 1, beside Postgres and the load",
  servers: ["Switchboard Postgres", "2 nodes on 2 cores over Redis", "2 nodes on 2 cores over Postgres"],
  figures,
  ratio: { figure: "rate", to: "Switchboard Postgres" },
  run
}

export const nodesShare: BenchCase = {
  name: "nodes-share",
  title: "The same with a quarter of a core for each node, so that Postgres and the load have what they need",
  servers: ["1 node with 25 % of a core", "2 nodes with 25 % each over Redis", "2 nodes with 25 % each over Postgres"],
  figures,
  ratio: { figure: "rate", to: "1 node with 25 % of a core" },
  run
}
