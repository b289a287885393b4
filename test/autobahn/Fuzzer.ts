/**
 * Takes one case on a real socket, and judges it as the suite does.
 *
 * - OK: exactly what the case names was heard, in its order, and nothing beside it.
 * - NON-STRICT: what the case allows as well was heard instead.
 * - FAILED: anything else.
 * - The end is OK if who had to end it did, with a right code; WRONG CODE, UNCLEAN (dropped where a close frame is due) and
 *   FAILED (by the wrong side, or not at all) are the suite's words, too.
 *
 * Where the suite waits a second to see that nothing comes, the end of the connection tells it here: what the server had to
 * say, it has said before it closes.
 */
import { Deferred, Effect } from "effect"
import { nextTurn } from "../../src/services/kernel/ActorScheduler.ts"
import { upgrade } from "../support/HostileClient.ts"
import { socketTo } from "../support/overTls.ts"
import { inTime } from "../support/Peer.ts"
import { type Case, closeWith, type Event, pong, say, type Step } from "./case.ts"

export interface Verdict {
  readonly id: string
  readonly behaviour: "OK" | "NON-STRICT" | "FAILED"
  readonly end: "OK" | "WRONG CODE" | "UNCLEAN" | "FAILED"
  readonly heard: ReadonlyArray<Event>
  readonly code: number | undefined
}

/** The server's frames, however they are cut. */
class Frames {
  #data = Buffer.alloc(0)
  #more: Array<Buffer> = []
  #size = 0
  /** How many bytes there have to be before there is anything to take. */
  #needed = 2

  add(chunk: Buffer): void {
    this.#more.push(chunk)
    this.#size += chunk.length
  }

  next(): { readonly opcode: number; readonly payload: Buffer } | undefined {
    if (this.#data.length + this.#size < this.#needed) return undefined
    if (this.#size > 0) {
      this.#data = Buffer.concat([this.#data, ...this.#more])
      this.#more = []
      this.#size = 0
    }
    const data = this.#data
    const short = data[1]! & 0x7f
    const start = short === 126 ? 4 : short === 127 ? 10 : 2
    if (data.length < start) return this.#wait(start)
    const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short
    if (data.length < start + length) return this.#wait(start + length)
    this.#data = data.subarray(start + length)
    this.#needed = 2
    return { opcode: data[0]!, payload: data.subarray(start, start + length) }
  }

  #wait(bytes: number): undefined {
    this.#needed = bytes
  }
}

interface Said {
  readonly type: string
  readonly text?: string
  readonly code?: string
}

const eventOf = (opcode: number, payload: Buffer): Event => {
  switch (opcode) {
    case 0x81: {
      const { code, text, type } = JSON.parse(payload.toString()) as Said
      return type === "incoming_message" ? `text:${text}` : code ?? type
    }
    case 0x8a:
      return `pong:${payload.toString("latin1")}`
    default:
      return `opcode ${opcode}`
  }
}

export const open = Effect.fnUntraced(function*(
  port: number,
  user: string,
  headers: Readonly<Record<string, string>> = {}
) {
  const opened = yield* Deferred.make<void>()
  const gone = yield* Deferred.make<void>()
  const heard: Array<Event> = []
  const waiting: Array<() => void> = []
  const frames = new Frames()
  const answer = { head: undefined as string | undefined, code: undefined as number | undefined, isClosed: false }
  let head = Buffer.alloc(0)

  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => socketTo({ port, host: "127.0.0.1", noDelay: true })),
    (socket) => Effect.sync(() => socket.destroy())
  )
  const take = () => {
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      if (frame.opcode === 0x89) socket.write(say(pong, frame.payload).bytes)
      else if (frame.opcode !== 0x88) heard.push(eventOf(frame.opcode, frame.payload))
      else {
        answer.isClosed = true
        if (frame.payload.length > 1) answer.code = frame.payload.readUInt16BE(0)
      }
    }
  }
  /** Of what is being written: a server that has closed reads no more of it. */
  let writing = () => {}
  const isOver = () => answer.isClosed || socket.destroyed
  const wake = () => {
    if (isOver()) writing()
    for (const resume of waiting.splice(0)) resume()
  }
  socket.on("data", (chunk: Buffer) => {
    if (answer.head === undefined) {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf("\r\n\r\n")
      if (end < 0) return
      answer.head = head.toString("latin1", 0, end)
      frames.add(head.subarray(end + 4))
      Deferred.doneUnsafe(
        opened,
        answer.head.startsWith("HTTP/1.1 101") ? Effect.void : Effect.die(new Error(answer.head))
      )
    } else frames.add(chunk)
    take()
    wake()
  })
  socket.on("error", () => {})
  socket.on("close", () => {
    Deferred.doneUnsafe(opened, Effect.die(new Error("closed before the handshake was done")))
    Deferred.doneUnsafe(gone, Effect.void)
    wake()
  })
  socket.write(upgrade({ "Phone-Number": user, ...headers }))
  yield* Deferred.await(opened).pipe(inTime("the handshake"))

  const written = (bytes: Buffer) =>
    Effect.callback<void>((resume) => {
      if (!socket.writable) return resume(Effect.void)
      writing = () => resume(Effect.void)
      socket.write(bytes, () => resume(Effect.void))
    })
  const write = Effect.fnUntraced(function*({ bytes, chop }: Step) {
    if (chop === undefined) return yield* written(bytes)
    for (let at = 0; at < bytes.length && !isOver(); at += chop) {
      yield* written(bytes.subarray(at, at + chop))
      yield* nextTurn
    }
  })
  /** Until so many events have been heard, or the connection is over. */
  const hear = Effect.fnUntraced(function*(isEnough: () => boolean) {
    while (!isEnough() && !isOver()) {
      yield* Effect.callback<void>((resume) => void waiting.push(() => resume(Effect.void)))
    }
  })
  /** As a client does that has heard a close frame; what it has still to say is not waited for. */
  const leave = Effect.sync(() => {
    if (socket.writableLength > 0) return void socket.destroy()
    socket.end(closeWith(1000).bytes)
  })
  return { answer, leave, gone: Deferred.await(gone), hear, heard, isOver, write }
})

export type Fuzzer = Effect.Success<ReturnType<typeof open>>

const same = (a: ReadonlyArray<Event>, b: ReadonlyArray<Event> | undefined) =>
  b !== undefined && a.length === b.length && a.every((event, i) => event === b[i])

/** Whether it is non-strict, but allowed. */
const isAllowed = ({ heard: expected, mayMissPongs, nonStrict }: Case, heard: ReadonlyArray<Event>) => {
  if (mayMissPongs !== true) return same(heard, nonStrict)
  let at = 0
  for (const event of expected) if (heard[at] === event) at++
  return at === heard.length && heard.at(-1) === expected.at(-1)
}

/** `pause` gives a server that fails at once the time to do so. */
export const take = Effect.fnUntraced(function*(one: Case, client: Fuzzer, pause: Effect.Effect<void>) {
  const { ending, heard: expected, id, steps } = one
  for (const step of steps) {
    if (client.isOver()) break
    yield* client.write(step)
    const { until } = step
    if (until !== undefined) yield* client.hear(() => client.heard.length >= until)
    if (step.fatal === true) yield* pause
  }
  // The end of the server's is waited for; its own it has to see to, where it closes second.
  if (ending.by === "them") {
    yield* client.hear(() => false)
    yield* client.leave
  } else {
    yield* client.hear(() => client.heard.length >= expected.length || isAllowed(one, client.heard))
  }
  const closedFirst = client.isOver()
  if (ending.by === "us" && ending.isSent !== true && !closedFirst) yield* client.write(closeWith(1000))
  yield* client.gone
  const { code, isClosed } = client.answer
  const behaviour = same(client.heard, expected) ?
    "OK" as const :
    isAllowed(one, client.heard) ?
    "NON-STRICT" as const :
    "FAILED" as const
  const end = ending.by === "us" && ending.isSent !== true && closedFirst
    ? "FAILED" as const
    : !isClosed && ending.mayDrop !== true
    ? "UNCLEAN" as const
    : code !== undefined && !ending.codes.includes(code)
    ? "WRONG CODE" as const
    : "OK" as const
  return { id, behaviour, end, heard: client.heard, code } satisfies Verdict
}, (judged, { id }) => inTime(`the end of case ${id}`)(judged))
