/**
 * `npm run bench:uniform`: whether the time of an answer tells somebody who does not exist from somebody who has blocked
 * the asker, or a group of strangers from none. Prints one table.
 */
import { WebSocket } from "ws"
import { quantile } from "./cases/case.ts"
import { machine } from "./report.ts"
import { start } from "./servers.ts"

const rounds = 3_000
const warmUp = 500

const server = await start("Switchboard SQLite v1")

interface Answer {
  readonly type: string
  readonly id?: string
  readonly code?: string
  readonly group?: string
}

const open = (user: string) =>
  new Promise<{ ask: (frame: object) => Promise<Answer>; leave: () => void }>((resolve) => {
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, ["switchboard.v1"], {
      headers: { "Phone-Number": user }
    })
    const waiting = new Map<string, (answer: Answer) => void>()
    let asked = 0
    const ask = (frame: object) =>
      new Promise<Answer>((answered) => {
        const id = `q${asked++}`
        waiting.set(id, answered)
        ws.send(JSON.stringify({ ...frame, id }))
      })
    ws.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as Answer
      if (frame.type === "welcome") resolve({ ask, leave: () => ws.terminate() })
      else if (frame.id !== undefined) waiting.get(frame.id)?.(frame)
    })
  })

const [mallory, victim] = [await open("mallory"), await open("victim")]
await victim.ask({ type: "block", user: "mallory" })
// So many that none is asked for again while it is remembered that there is no such group of the asker's.
const groups: Array<string> = []
while (groups.length < rounds) {
  groups.push((await victim.ask({ type: "create_group", name: "strangers", members: ["friend"] })).group!)
}
victim.leave()

const text = "x".repeat(100)
const cases: ReadonlyArray<readonly [name: string, frame: (i: number) => object]> = [
  ["message to nobody", () => ({ type: "chat_message", recipient: "nobody", text })],
  ["message to somebody who is away", () => ({ type: "chat_message", recipient: "friend", text })],
  ["message to somebody who blocked the sender", () => ({ type: "chat_message", recipient: "victim", text })],
  ["message to no group", (i) => ({ type: "chat_message", group: `m${i}`, text })],
  ["message to a group of strangers", (i) => ({ type: "chat_message", group: groups[i], text })],
  ["history of no group", (i) => ({ type: "history", group: `h${i}`, after: 0, limit: 10 })],
  ["history of a group of strangers", (i) => ({ type: "history", group: groups[i], after: 0, limit: 10 })],
  ["presence of nobody", () => ({ type: "subscribe_presence", users: ["nobody"] })],
  ["presence of somebody who blocked the asker", () => ({ type: "subscribe_presence", users: ["victim"] })]
]
const isPresence = (name: string) => name.startsWith("presence")

const times = cases.map((): Array<number> => [])
const answers = cases.map((): string => "")
for (let i = 0; i < rounds; i++) {
  for (let k = 0; k < cases.length; k++) {
    // Questions that should look alike come after such that look alike: what was written before is in the time of what follows.
    const which = (k * 2 + i) % cases.length
    const [name, frame] = cases[which]!
    const at = performance.now()
    // A presence frame carries no id, so a ping behind it says when it was done.
    const answer = isPresence(name)
      ? (void mallory.ask(frame(i)), await mallory.ask({ type: "ping" }))
      : await mallory.ask(frame(i))
    if (i >= warmUp) times[which]!.push(performance.now() - at)
    answers[which] = answer.code ?? answer.type
  }
}

const about = machine()
process.stdout.write(
  [
    `${about.day}, commit ${about.commit}, ${about.cpu}, Node ${about.node}; SQLite, ${rounds - warmUp} times each.`,
    "",
    "| question | answer | p10 ms | p50 ms | p90 ms |",
    "| --- | --- | --- | --- | --- |",
    ...cases.map(([name], i) => {
      const sorted = times[i]!.toSorted((a, b) => a - b)
      return `| ${name} | ${isPresence(name) ? "offline" : answers[i]} | ${
        [0.1, 0.5, 0.9].map((q) => quantile(sorted, q).toFixed(3)).join(" | ")
      } |`
    }),
    ""
  ].join("\n")
)
await server.stop()
process.exit()
