/** What a message costs in a group of so many, who are away or here, one message at a time. */
import { quantile, type Windows } from "../cases/case.ts"
import { pace } from "../cases/paced.ts"
import { Client, openAll } from "../load/Client.ts"
import { createGroup } from "../load/group.ts"
import { cpuMillis, sleep } from "../proc.ts"
import { type RunningServer, type ServerName, start } from "../servers.ts"
import type { Figures, Part } from "./part.ts"
import { said, stamp } from "./stamp.ts"

const padding = "x".repeat(80)
/** A group may have 1,024 members by default; 0 lifts it. */
const unlimited = ["--max-group-members", "0", "--max-additions-per-hour", "0"]
/** A second, where all are here: some 10,000 deliveries at most, so that none waits for the one before. */
const paceOf = (members: number): number => Math.min(200, Math.max(1, 10_000 / members))
const awayPerSecond = 200

interface Said {
  heard: number
  lastAt: number
  at: number
}

/** Says something at a pace, and waits until as many as should have heard all of it. */
const speak = async (
  { pid }: RunningServer,
  say: (text: string) => void,
  messages: Map<number, Said>,
  { listeners, perSecond, windows }: { listeners: number; perSecond: number; windows: Windows }
) => {
  const send = () => say(padding + stamp())
  const heardOf = () => Array.from(messages.values()).reduce((sum, each) => sum + each.heard, 0)
  const allHeard = async (sent: number) => {
    for (let i = 0; i < 500 && heardOf() < sent * listeners; i++) await sleep(20)
  }
  messages.clear()
  await allHeard(await pace(perSecond, Math.max(windows.warmUpMillis, 3_000 / perSecond), send))
  messages.clear()
  const cpu = cpuMillis(pid)
  const sent = await pace(perSecond, windows.measuredMillis, send)
  await allHeard(sent)
  const used = cpuMillis(pid) - cpu
  const all = Array.from(messages.values())
  if (heardOf() !== sent * listeners) throw new Error(`${heardOf()} of ${sent * listeners} deliveries came`)
  return { micros: used * 1_000 / sent, lags: all.map(({ at, lastAt }) => lastAt - at).sort((a, b) => a - b) }
}

const run = async (name: ServerName, size: number, windows: Windows): Promise<Figures> => {
  const isBare = name.startsWith("bare")
  const server = await start(name, { flags: isBare ? [] : unlimited })
  const { dialect, port } = server
  try {
    // Those who are away would get what was said meanwhile when they come, so they are others.
    const users = (prefix: string) => Array.from({ length: size }, (_, i) => `${prefix}${i}`)
    const messages = new Map<number, Said>()
    const onText = (_: Client, payload: Buffer) => {
      const at = said(payload)
      if (at === undefined) return
      let message = messages.get(at)
      if (message === undefined) messages.set(at, message = { heard: 0, lastAt: at, at })
      message.heard++
      message.lastAt = performance.now()
    }
    const open = (some: ReadonlyArray<string>) =>
      openAll(
        some.map((user, i) => () => new Client({ port, user, dialect, localAddress: `127.0.0.${2 + i % 4}`, onText }))
      )
    const measure = async (prefix: string, here: number, perSecond: number) => {
      const [owner, ...others] = users(prefix)
      const group = await createGroup(server, owner!, others)
      const clients = await open([owner!, ...others].slice(0, here))
      const speaker = clients[0]!
      const say = (text: string) => void speaker.socket.write(speaker.groupMessage(group, text))
      const said = await speak(server, say, messages, { listeners: here - 1, perSecond, windows })
      for (const client of clients) client.socket.destroy()
      return said
    }
    // Whoever is away is nobody to a bare server.
    const away = isBare ? undefined : await measure("away", 2, awayPerSecond)
    const { lags, micros } = await measure("here", size, paceOf(size))
    return {
      delivery: micros / (size - 1),
      message: micros / 1_000,
      last50: quantile(lags, 0.5),
      lastMost: lags.at(-1)!,
      ...(away === undefined ? {} : { away: away.micros })
    }
  } finally {
    await server.stop()
  }
}

export const groups: Part = {
  name: "groups",
  title: "A group, messages in SQLite, one at a time; bare ws and Bun.serve keep nothing",
  of: "members",
  sizes: [10, 100, 1_000, 10_000],
  quickSizes: [10, 1_000],
  servers: {
    node: ["bare ws", "Switchboard SQLite"],
    bun: ["bare Bun.serve", "Switchboard SQLite on Bun"]
  },
  figures: {
    delivery: "CPU µs by delivery, all online",
    message: "CPU ms by message, all online",
    last50: "until the last has it, p50 ms",
    lastMost: "at most ms",
    away: "CPU µs by message, two online"
  },
  run
}
