/** What a large store makes slower: writing into it, reading it, and starting on it. */
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Conversation from "../../src/domain/Conversation.ts"
import { quantile, type Windows } from "../cases/case.ts"
import { pace } from "../cases/paced.ts"
import { Asking } from "../load/Asking.ts"
import { Client, frame, openAll } from "../load/Client.ts"
import { numbersFrom } from "../load/words.ts"
import { cpuMillis, sleep } from "../proc.ts"
import { asker, conversationOf, texts } from "../search/people.ts"
import { questions } from "../search/questions.ts"
import { type RunningServer, type ServerName, start } from "../servers.ts"
import { backlogIn, bytesPerEntry, fill, multiply } from "./fill.ts"
import type { Figures, Part } from "./part.ts"

const perSecond = 500
const text = "x".repeat(100)
/** Of more entries than these, the rest are copies. */
const mostWritten = { full: 1_000_000, quick: 2_000 }

const directory = mkdtempSync(join(tmpdir(), "switchboard-growth-"))
process.on("exit", () => rmSync(directory, { recursive: true, force: true }))

const made = new Map<number, string>()

/** One file for all engines, which each gets a copy of. */
const fileOf = async (size: number, written: number): Promise<string> => {
  const known = made.get(size)
  if (known !== undefined) return known
  const file = join(directory, `${size}.db`)
  const from = performance.now()
  if (size === written) await fill(file, size)
  else await multiply(await fileOf(written, written), file, written, size / written)
  process.stderr.write(`${size} entries written in ${Math.round((performance.now() - from) / 1_000)} s\n`)
  made.set(size, file)
  return file
}

const conversationsIn = (written: number): number => Math.max(10, written / 100)

/** The two of conversations in which the asker is not. */
const pairsIn = (written: number) =>
  Array.from({ length: Math.min(conversationsIn(written), 550) }, (_, i) => Conversation.usersOf(conversationOf(i)))
    .filter((users) => !users.includes(asker)).slice(0, 400)

/** Everybody says something to the other of their conversation, and confirms what they hear, as the typed client does. */
const durable = async ({ pid, port }: RunningServer, written: number, windows: Windows): Promise<Figures> => {
  const sentAt = new Map<string, number>()
  let latencies: Array<number> = []
  const onText = (client: Client, payload: Buffer) => {
    const message = JSON.parse(payload.toString()) as { type: string; id: string; conversation: string; seq: number }
    if (message.type === "message_accepted") {
      latencies.push(performance.now() - sentAt.get(message.id)!)
      sentAt.delete(message.id)
    } else if (message.type === "incoming_message") {
      const { conversation, seq } = message
      client.socket.write(frame(JSON.stringify({ type: "received", conversation, up_to: seq })))
    }
  }
  const users = pairsIn(written).flat()
  const clients = await openAll(users.map((user) => () => new Client({ port, user, dialect: "v1", onText })))
  const send = (i: number) => {
    const at = i % users.length
    const id = `p${i}-${performance.now()}`
    sentAt.set(id, performance.now())
    clients[at]!.socket.write(clients[at]!.message(users[at ^ 1]!, text, id))
  }
  await pace(perSecond, windows.warmUpMillis, send)
  await sleep(300)
  latencies = []
  const cpu = cpuMillis(pid)
  const sent = await pace(perSecond, windows.measuredMillis, send)
  await sleep(500)
  const used = cpuMillis(pid) - cpu
  for (const client of clients) client.socket.destroy()
  if (latencies.length !== sent) throw new Error(`${latencies.length} of ${sent} messages were accepted`)
  const sorted = latencies.sort((a, b) => a - b)
  return { accepted50: quantile(sorted, 0.5), accepted99: quantile(sorted, 0.99), cpu: used * 1_000 / sent }
}

/** Milliseconds from connecting to the last entry of a backlog, which stays one, because nothing is confirmed. */
const resume = (port: number, entries: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const from = performance.now()
    let left = entries
    const onText = (client: Client, payload: Buffer) => {
      if (!payload.includes("\"seq\":") || --left > 0) return
      client.socket.destroy()
      clearTimeout(timer)
      resolve(performance.now() - from)
    }
    const client = new Client({ port, user: asker, dialect: "v1", onText })
    const timer = setTimeout(() => reject(new Error(`${left} of ${entries} entries did not come`)), 30_000)
    void client.ready()
  })

const median = (values: ReadonlyArray<number>) => quantile(values.toSorted((a, b) => a - b), 0.5)

interface Store {
  readonly file: string
  readonly size: number
  /** So many of them were written, in conversations of a hundred. */
  readonly written: number
}

const read = async ({ port }: RunningServer, { file, size, written }: Store, asks: number): Promise<Figures> => {
  const resumes: Array<number> = []
  for (let i = 0; i < 5; i++) resumes.push(await resume(port, backlogIn(file)))
  const asking = await Asking.open(port, asker)
  // What is left of the backlog is no part of what is asked.
  await sleep(1_000)
  const random = numbersFrom(3)
  const friends = conversationsIn(written) / 10
  const page = () => {
    const recipient = `friend${10 * Math.floor(random() * friends)}`
    const before = 51 + Math.floor(random() * (size / conversationsIn(written) / 2))
    return { type: "history", recipient, before, limit: 50 }
  }
  const timesOf = async (all: ReadonlyArray<object>, type: string) => {
    const times: Array<number> = []
    for (const question of all) times.push(await asking.millis(question, type))
    // What was never asked is not in a cache yet.
    return times.slice(all.length / 5).sort((a, b) => a - b)
  }
  const pages = await timesOf(Array.from({ length: asks }, page), "history_page")
  const kinds = questions(texts(Math.min(written, 10_000)), asks)
  const search = async (name: string) =>
    timesOf(
      kinds.find((kind) => kind.name === name)!.queries.map((query) => ({ type: "search", query })),
      "search_result"
    )
  const common = await search("a common word")
  const rare = await search("a rare word")
  asking.close()
  return {
    history50: quantile(pages, 0.5),
    history99: quantile(pages, 0.99),
    backlog: median(resumes),
    common50: quantile(common, 0.5),
    common99: quantile(common, 0.99),
    rare50: quantile(rare, 0.5),
    rare99: quantile(rare, 0.99)
  }
}

const run = async (name: ServerName, size: number, windows: Windows): Promise<Figures> => {
  const quick = windows.scale < 1
  const written = Math.min(size, quick ? mostWritten.quick : mostWritten.full)
  const original = await fileOf(size, written)
  const file = join(directory, "copy.db")
  copyFileSync(original, file)
  // What is still on its way to the disk would be waited for by commits.
  execFileSync("sync")
  const from = performance.now()
  const server = await start(name, { flags: ["--data", file, "--files", "none"] })
  const listening = performance.now() - from
  try {
    const figures = await read(server, { file, size, written }, quick ? 20 : 250)
    return {
      ...await durable(server, written, windows),
      ...figures,
      start: listening,
      bytes: bytesPerEntry(original)
    }
  } finally {
    await server.stop()
    for (const each of ["", "-wal", "-shm", ".lock"]) rmSync(file + each, { force: true })
  }
}

export const stores: Part = {
  name: "stores",
  title: "A store of so many entries, SQLite",
  of: "entries",
  sizes: [10_000, 1_000_000, 10_000_000],
  quickSizes: [2_000, 20_000],
  servers: { node: ["Switchboard SQLite"], bun: ["Switchboard SQLite on Bun"] },
  figures: {
    accepted50: "accepted at 500/s, p50 ms",
    accepted99: "p99 ms",
    cpu: "CPU µs by message",
    history50: "page of history, p50 ms",
    history99: "p99 ms",
    backlog: "resume with a backlog of 1,000, ms",
    common50: "search for a common word, p50 ms",
    common99: "p99 ms",
    rare50: "for a rare word, p50 ms",
    rare99: "p99 ms",
    start: "start to listening, ms",
    bytes: "bytes by entry"
  },
  run,
  end: () => rmSync(directory, { recursive: true, force: true })
}
