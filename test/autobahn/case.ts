/**
 * What a case of the Autobahn test suite is here: its number, what is sent, what has to be heard, and how it ends. The
 * numbers are the suite's; the suite itself is a program in Python 2 that judges an echo, so its cases are made again.
 */
import { frame } from "../support/HostileClient.ts"

export interface Step {
  readonly bytes: Buffer
  /** Sent in pieces of so many bytes, each in a turn of its own. */
  readonly chop?: number
  /** What was sent is read before more is: so many events have been heard. */
  readonly until?: number
  /** It is fatal: the rest is sent only if the server has not noticed after a while. */
  readonly fatal?: boolean
}

/** What is heard: `pong:…`, `text:…`, or the code of an error, in the order in which it came. */
export type Event = string

export interface Ending {
  /** Who fails or closes first. */
  readonly by: "us" | "them"
  /** Whether the close frame is one of the steps. */
  readonly isSent?: boolean
  /** The codes that are right; a connection that is only dropped is right where the suite takes it. */
  readonly codes: ReadonlyArray<number>
  readonly mayDrop?: boolean
}

export interface Case {
  readonly id: string
  readonly steps: ReadonlyArray<Step>
  readonly heard: ReadonlyArray<Event>
  /** What the suite calls non-strict, and lets pass as well. */
  readonly nonStrict?: ReadonlyArray<Event>
  /** Of several pings only the last has to be answered (RFC 6455, section 5.5.3). */
  readonly mayMissPongs?: boolean
  readonly ending: Ending
}

export const text = 0x1
export const binary = 0x2
const closing = 0x8
export const ping = 0x9
export const pong = 0xa

interface FrameOptions {
  readonly fin?: boolean
  readonly rsv?: number
  readonly chop?: number
  readonly until?: number
  readonly fatal?: boolean
}

export const say = (opcode: number, payload: string | Buffer = "", options: FrameOptions = {}): Step => {
  const { fin = true, rsv = 0, ...step } = options
  return { bytes: frame(payload, (fin ? 0x80 : 0) | rsv << 4 | opcode), ...step }
}

export const closeWith = (code: number | undefined, reason: string | Buffer = ""): Step => {
  const start = code === undefined ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 0xff])
  return say(closing, Buffer.concat([start, Buffer.from(reason)]))
}

/** We close, with 1000, and hear it back. */
export const clean: Ending = { by: "us", codes: [1000] }

/** The server fails the connection. */
export const fails = (...codes: ReadonlyArray<number>): Ending => ({ by: "them", codes, mayDrop: true })

export const protocolError = fails(1002)

/**
 * How the payload of a message is dressed. `bare` it is what the suite has, which is no frame of the chat: that it came
 * whole and was read as UTF-8 is shown by the error that follows. `wrapped` it is the text of a message to oneself, and
 * comes back as it was.
 */
export interface Dress {
  readonly name: "bare" | "wrapped"
  readonly fragments: (payloads: ReadonlyArray<string | Buffer>) => ReadonlyArray<Buffer>
  /** What is heard of a message with this payload. */
  readonly echo: (payload: string) => Event
}

export const bare: Dress = {
  name: "bare",
  fragments: (payloads) => payloads.map((payload) => Buffer.from(payload)),
  echo: () => "invalid_frame"
}

/** No string in JSON has these in it as they are. */
// oxlint-disable-next-line no-control-regex
const isNoString = (payload: string) => /[\0-\x1f]/.test(payload)

/** Before the text, because one that shows nothing is none. */
const sign = "="

export const wrappedFor = (user: string): Dress => {
  const start = Buffer.from(`{"type":"chat_message","recipient":"${user}","text":"${sign}`)
  const end = Buffer.from("\"}")
  return {
    name: "wrapped",
    fragments: (payloads) =>
      payloads.map((payload, i) =>
        Buffer.concat([
          i === 0 ? start : Buffer.alloc(0),
          Buffer.from(payload),
          i === payloads.length - 1 ? end : Buffer.alloc(0)
        ])
      ),
    echo: (payload) => isNoString(payload) ? "invalid_frame" : `text:${sign}${payload}`
  }
}

/** One message, in as many frames as there are payloads. */
export const message = (
  dress: Dress,
  payloads: ReadonlyArray<string | Buffer>,
  options: FrameOptions = {}
): ReadonlyArray<Step> =>
  dress.fragments(payloads).map((payload, i) =>
    say(i === 0 ? text : 0, payload, { ...options, fin: i === payloads.length - 1 })
  )

/** So many bytes of the payload, again and again. */
export const repeated = (pattern: string, length: number) =>
  pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length)

export const pieces = (payload: string | Buffer, size: number): ReadonlyArray<Buffer> => {
  const data = Buffer.from(payload)
  return Array.from(
    { length: Math.ceil(data.length / size) },
    (_, i) => data.subarray(i * size, (i + 1) * size)
  )
}

/** A message whose frames have as many bytes in all as the suite's has, whatever is around its text. */
export const sized = (dress: Dress, pattern: string, length: number): string => {
  const around = dress.fragments([""])[0]!.length
  return repeated(pattern, Math.max(0, length - around))
}
