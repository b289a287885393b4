/** Messages that are on the disk before they are answered. */
import { Client, openAll } from "../load/Client.ts"
import { cpuMillis, sleep } from "../proc.ts"
import type { RunningServer } from "../servers.ts"
import { type BenchCase, quantile } from "./case.ts"
import { pace } from "./paced.ts"

const senders = 1_000
const text = "x".repeat(100)

const servers = ["Switchboard SQLite", "ws + SQLite"] as const

const isAccepted = (payload: Buffer) => payload.includes("message_accepted")

/**
 * What keeps a sender's loop going. Bare ws answers nothing, so there it is a delivery; and so with ejabberd, where a
 * delivery bears the `stanza-id` of the recipient's archive when it is in that, and in the sender's.
 */
const doneOf = ({ dialect, name }: RunningServer): (payload: Buffer) => boolean => {
  if (dialect === "xmpp") return (payload) => payload.includes("<stanza-id")
  return name === "bare ws" ? (payload) => payload.includes("incoming_message") : isAccepted
}

const openSenders = (server: RunningServer, onText: (client: Client, payload: Buffer) => void) =>
  openAll(
    Array.from({ length: senders }, (_, i) => () =>
      new Client({ port: server.port, user: `u${i}`, dialect: server.dialect, onText }))
  )

/** Each sender says the next text when the last one is answered. */
export const closedLoop =
  (textOf: (sent: number) => string): BenchCase["run"] => async (server, { measuredMillis, warmUpMillis }) => {
    const done = doneOf(server)
    let accepted = 0
    let sent = 0
    const index = new Map<Client, number>()
    const send = (client: Client) => {
      const i = index.get(client)!
      client.socket.write(client.message(`u${(i + senders / 2) % senders}`, textOf(sent), `m${sent++}`))
    }
    const clients = await openSenders(server, (client, payload) => {
      if (!done(payload)) return
      accepted++
      send(client)
    })
    clients.forEach((client, i) => index.set(client, i))
    clients.forEach(send)
    await sleep(warmUpMillis)
    const before = {
      accepted,
      cpu: cpuMillis(server.pid),
      database: server.databaseMillis(),
      at: performance.now()
    }
    await sleep(measuredMillis)
    const count = accepted - before.accepted
    const cpu = cpuMillis(server.pid) - before.cpu
    const database = server.databaseMillis() - before.database
    const seconds = (performance.now() - before.at) / 1_000
    for (const client of clients) client.socket.destroy()
    return { cpu: cpu * 1_000 / count, rate: count / seconds, database: database * 1_000 / count }
  }

export const durable: BenchCase = {
  name: "durable",
  title: "Durable, closed loop: 1,000 senders, each waits for message_accepted; every message is delivered too",
  servers: ["bare ws", ...servers, "ejabberd with its archive", "Switchboard SQLite on Bun"],
  figures: { cpu: "CPU µs per message accepted and delivered", rate: "accepted/s" },
  ratio: { figure: "cpu", to: "bare ws" },
  run: closedLoop(() => text)
}

export const durablePaced: BenchCase = {
  name: "durable-2k",
  title: "Durable at 2,000 messages per second: send to message_accepted",
  servers,
  figures: { p50: "p50 ms", p99: "p99 ms", rate: "accepted/s", cpu: "CPU µs per message" },
  ratio: { figure: "p99", to: "ws + SQLite" },
  run: async (server, { measuredMillis, warmUpMillis }) => {
    const sentAt = new Map<string, number>()
    let latencies: Array<number> = []
    const clients = await openSenders(server, (_, payload) => {
      if (!isAccepted(payload)) return
      const { id } = JSON.parse(payload.toString()) as { id: string }
      latencies.push(performance.now() - sentAt.get(id)!)
      sentAt.delete(id)
    })
    let sent = 0
    const send = () => {
      const client = clients[sent % senders]!
      const id = `p${sent++}`
      sentAt.set(id, performance.now())
      client.socket.write(client.message(`u${(sent + senders / 2) % senders}`, text, id))
    }
    await pace(2_000, warmUpMillis, send)
    await sleep(200)
    latencies = []
    const before = { cpu: cpuMillis(server.pid), at: performance.now() }
    await pace(2_000, measuredMillis, send)
    const seconds = (performance.now() - before.at) / 1_000
    await sleep(300)
    const cpu = cpuMillis(server.pid) - before.cpu
    for (const client of clients) client.socket.destroy()
    const sorted = latencies.sort((a, b) => a - b)
    return {
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      rate: sorted.length / seconds,
      cpu: cpu * 1_000 / sorted.length
    }
  }
}
