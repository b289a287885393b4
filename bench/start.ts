/**
 * `npm run bench:start`: from nothing to a server that listens, and `switchboard send` to a server that runs, on Node, on
 * Bun and as the binary, as they were built last. In turns, so that what else the machine does is felt by all.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { install } from "./entry.ts"
import { cpuMillis } from "./proc.ts"

const rounds = 10

/** Whoever takes longer has hung. */
const atMostMillis = 60_000

const root = fileURLToPath(new URL("..", import.meta.url))
const binary = join(root, "build/switchboard")

const { directory, entry } = install()

type Words = readonly [program: string, ...args: ReadonlyArray<string>]

const ways: ReadonlyArray<readonly [name: string, words: Words]> = [
  ["Node", [process.execPath, entry]],
  ["Bun", [join(root, "node_modules/.bin/bun"), entry]],
  ["binary", [binary]]
]

/** Nothing of this machine's settings; what is kept compiled is kept here. */
const env = { HOME: directory, XDG_CACHE_HOME: join(directory, "cache"), NO_COLOR: "1" }

const start = ([program, ...before]: Words, args: ReadonlyArray<string>): ChildProcess =>
  spawn(program, [...before, ...args], { cwd: directory, env, stdio: ["ignore", "pipe", "inherit"] })

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => {
    child.once("close", resolve)
    // It was never there.
    child.once("error", () => resolve(null))
  })

const portOf = (child: ChildProcess) =>
  new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("it did not listen in time")), atMostMillis)
    child.once("error", reject)
    child.once("exit", () => reject(new Error("it ended before it listened")))
    child.stdout!.on("data", (data: Buffer) => {
      const found = /localhost:(\d+)/.exec(data.toString())
      if (found === null) return
      clearTimeout(timer)
      resolve(Number(found[1]))
    })
  })

/** By the clock, and of it by the processor, in milliseconds. */
interface Listened {
  readonly wall: number
  readonly cpu: number
}

const listening = async (words: Words): Promise<Listened> => {
  const from = performance.now()
  const child = start(words, ["serve", "--port", "0", "--data", join(directory, "start.db")])
  const end = ended(child)
  try {
    await portOf(child)
    return { wall: performance.now() - from, cpu: cpuMillis(child.pid!) }
  } finally {
    child.kill("SIGTERM")
    await end
  }
}

const sending = async (words: Words, url: string): Promise<number> => {
  const from = performance.now()
  const child = start(words, ["send", "--as", "alice", "--to", "bob", "--url", url, "hello"])
  const timer = setTimeout(() => child.kill("SIGKILL"), atMostMillis)
  const code = await ended(child)
  clearTimeout(timer)
  if (code !== 0) throw new Error(`send ended with ${code}`)
  return performance.now() - from
}

const shown = (times: ReadonlyArray<number>): string => {
  const sorted = times.toSorted((a, b) => a - b)
  const [median, least] = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!]
  return `${(median / 1_000).toFixed(2)} s (${(least / 1_000).toFixed(2)})`
}

const only = process.argv.slice(2)
const there = ways.filter(([name]) => only.length === 0 ? name !== "binary" || existsSync(binary) : only.includes(name))

if (existsSync(binary)) process.stdout.write(`The binary is ${(statSync(binary).size / 1e6).toFixed(0)} MB.\n`)
const times = there.map(([name, words]) => ({ name, words, listen: Array<Listened>(), send: Array<number>() }))
const server = start(ways[0]![1], ["serve", "--port", "0", "--store", "memory"])
const end = ended(server)
try {
  const url = `http://127.0.0.1:${await portOf(server)}`
  // The first one is to fill caches.
  for (let round = 0; round <= rounds; round++) {
    for (const { listen, send, words } of times) {
      const [listened, sent] = [await listening(words), await sending(words, url)]
      if (round === 0) continue
      listen.push(listened)
      send.push(sent)
    }
  }
} finally {
  server.kill("SIGTERM")
  await end
}
process.stdout.write("| median (least) | start to listening | of it CPU | `switchboard send` |\n")
for (const { listen, name, send } of times) {
  const [wall, cpu] = [listen.map((each) => each.wall), listen.map((each) => each.cpu)]
  process.stdout.write(`| ${name.padEnd(14)} | ${shown(wall)} | ${shown(cpu)} | ${shown(send)} |\n`)
}
