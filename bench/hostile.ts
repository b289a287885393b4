/**
 * `npm run bench:hostile`: how two honest people fare while one hostile client does one thing after another as fast as it
 * can. The server and the honest pair share no core with the attacker. Each attack has its turn in each of three rounds,
 * after a while of quiet, because a machine has slow minutes of its own: what counts is the median of the rounds against
 * the median of all that was quiet.
 */
import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { WebSocket } from "ws"
import { quantile } from "./cases/case.ts"
import { giveMuch } from "./load/much.ts"
import { pssKilobytes, sleep } from "./proc.ts"
import { machine } from "./report.ts"
import { hasTaskset, start } from "./servers.ts"

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3)
const quietMillis = 3_000
const attackMillis = 5_000
const perSecond = 100

const attacks = [
  "flood",
  "invalid",
  "pings",
  "pongs",
  "fragments",
  "big",
  "history",
  "groups",
  "groupinfo",
  "addmembers",
  "unknowninfo",
  "creategroup",
  "nogroups",
  "presence",
  "typing",
  "cycle",
  "returning",
  "refused",
  "halfopen",
  "tickets",
  "blocks",
  "strangers",
  "pipeline",
  "docs",
  "bodies",
  "upgrades",
  "knock",
  "confirm",
  "read",
  "receipts",
  "members",
  "searches",
  "findusers",
  "profiles",
  "setprofile",
  "pushes",
  "reports",
  "mutes",
  "joins",
  "bans",
  "invites",
  "uploads",
  "downloads"
]

/** Whether somebody at another address gets in while the attack runs, as the answer's status. */
const knock = () =>
  new Promise<number>((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, {
      localAddress: "127.0.0.3",
      handshakeTimeout: 5_000,
      headers: { "Phone-Number": "honest-carol" }
    })
    const end = (status: number) => {
      ws.terminate()
      resolve(status)
    }
    ws.once("open", () => end(101))
    ws.once("unexpected-response", (_, { statusCode }) => end(statusCode ?? 0))
    ws.on("error", () => end(0))
  })

const knocks = 25

/** As often within the attack. */
const tryDoor = async () => {
  let inside = 0
  for (let i = 0; i < knocks; i++) {
    if (await knock() === 101) inside++
    await sleep(100)
  }
  return inside
}

interface Phase {
  readonly p50: number
  readonly p99: number
  readonly megabytes: number
}

if (hasTaskset) execFileSync("taskset", ["-cp", "0", String(process.pid)], { stdio: "ignore" })

const directory = mkdtempSync(join(tmpdir(), "switchboard-hostile-"))
process.on("exit", () => rmSync(directory, { recursive: true, force: true }))
const data = join(directory, "chat.db")

// The limits that do not count loopback by default do so here, at their defaults.
const server = await start("Switchboard SQLite v1", {
  flags: [
    "--data",
    data,
    "--max-messages-per-second",
    "500",
    "--max-messages-per-second-per-user",
    "1000",
    "--max-messages-per-second-per-address",
    "5001",
    "--max-connections-per-address",
    "501",
    "--max-connections-per-second",
    "501",
    // One of the attackers has written to ten thousand.
    "--max-new-conversations-per-hour",
    "0",
    "--max-requests-per-second-per-address",
    "201",
    // For those who look for people and ask to be pushed to.
    "--directory",
    "all",
    "--push-contact",
    "mailto:nobody@example.com"
  ]
})

const chosen = process.argv.slice(2)
if (chosen.length === 0 || chosen.includes("returning")) giveMuch(data, "evil-much")

const connect = (user: string) =>
  new Promise<WebSocket>((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, ["switchboard.v1"], {
      headers: { "Phone-Number": user }
    })
    ws.once("message", () => resolve(ws))
    ws.on("close", (code) => {
      if (code !== 4001) throw new Error(`${user} was closed with ${code}`)
    })
  })

const [alice, bob] = [await connect("honest-alice"), await connect("honest-bob")]
const sentAt = new Map<string, number>()
let latencies: Array<number> = []
let accepted = 0
let delivered = 0
alice.on("message", (data: Buffer) => {
  const frame = JSON.parse(data.toString()) as { type: string; id: string }
  if (frame.type !== "message_accepted") return
  accepted++
  latencies.push(performance.now() - sentAt.get(frame.id)!)
  sentAt.delete(frame.id)
})
bob.on("message", (data: Buffer) => {
  if ((JSON.parse(data.toString()) as { type: string }).type === "incoming_message") delivered++
})
let sent = 0
const talk = setInterval(() => {
  const id = `m${sent++}`
  sentAt.set(id, performance.now())
  alice.send(JSON.stringify({ type: "chat_message", id, recipient: "honest-bob", text: "x".repeat(100) }))
}, 1_000 / perSecond)

const measure = async (name: string, millis: number): Promise<Phase> => {
  latencies = []
  await sleep(millis)
  const sorted = latencies.toSorted((a, b) => a - b)
  const phase = {
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    megabytes: pssKilobytes(server.pid) / 1_024
  }
  process.stderr.write(`${JSON.stringify({ name, ...phase })}\n`)
  return phase
}

/** What `strangers` and `searches` want: somebody who has written to 10,000 others. */
const prepareBusy = async (): Promise<void> => {
  const busy = [await connect("busy-evil"), await connect("busy-evil")]
  for (let i = 0; i < 10_000;) {
    for (const ws of busy) {
      for (let k = 0; k < 20; k++) {
        ws.send(JSON.stringify({ type: "chat_message", recipient: `friend${i++}`, text: "hello" }))
      }
    }
    await sleep(45)
  }
  for (const ws of busy) {
    ws.removeAllListeners("close")
    ws.close()
  }
}

await sleep(3_000)
if (chosen.length === 0 || chosen.some((name) => name === "strangers" || name === "searches")) await prepareBusy()
const quiet: Array<Phase> = []
const phases = new Map<string, Array<Phase>>()
const doors = new Map<string, number>()

const attackWith = async (attack: string): Promise<void> => {
  quiet.push(await measure("quiet", quietMillis))
  const argv = [process.execPath, new URL("load/attack.ts", import.meta.url).pathname, String(server.port), attack]
  const [command, ...args] = hasTaskset ? ["taskset", "-c", "1", ...argv] : argv
  const child = spawn(command!, args, { stdio: ["ignore", "ignore", "inherit"] })
  await sleep(500)
  const honest = tryDoor()
  phases.set(attack, [...phases.get(attack) ?? [], await measure(attack, attackMillis)])
  doors.set(attack, (doors.get(attack) ?? 0) + await honest)
  child.kill("SIGKILL")
  await sleep(1_000)
}

for (let round = 1; round <= rounds; round++) {
  for (const attack of attacks.filter((name) => chosen.length === 0 || chosen.includes(name))) await attackWith(attack)
}
quiet.push(await measure("quiet", quietMillis))
clearInterval(talk)
await sleep(1_000)

const median = (some: ReadonlyArray<Phase>, of: keyof Phase): number =>
  quantile(some.map((phase) => phase[of]).toSorted((a, b) => a - b), 0.5)
const quietly = median(quiet, "p99")
const row = (name: string, some: ReadonlyArray<Phase>): string => {
  const all = some.map(({ p99 }) => p99.toFixed(1)).join(", ")
  const p99 = median(some, "p99")
  const cells = [name, median(some, "p50").toFixed(2), p99.toFixed(1), some.length > rounds ? "" : all]
  return `| ${[...cells, (p99 / quietly).toFixed(1), median(some, "megabytes").toFixed(0)].join(" | ")} |`
}
const about = machine()
process.stdout.write(
  [
    `${about.day}, commit ${about.commit}, ${about.cpu}, Node ${about.node}; ${perSecond} messages a second, SQLite; medians of ${rounds} rounds.`,
    "",
    "| attack | p50 ms | p99 ms | p99 of each round | p99 against quiet | server MB |",
    "| --- | --- | --- | --- | --- | --- |",
    row("quiet", quiet),
    ...Array.from(phases, ([name, some]) => row(name, some)),
    "",
    `${sent} honest messages sent, ${accepted} accepted, ${delivered} delivered.`,
    "",
    `Of ${knocks * rounds} who came from another address meanwhile got in: ${
      Array.from(doors, (door) => door.join(" ")).join(", ")
    }.`,
    ""
  ].join("\n")
)
if (accepted !== sent || delivered !== sent) process.exitCode = 1
await server.stop()
process.exit()
