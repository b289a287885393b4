/** A server frame on its way out: encoded once and framed at most once, shared by all connections that it goes to. */
import { encode } from "../../domain/FrameCodec.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import type { ServerFrame } from "../../domain/ServerFrame.ts"

/** Bytes before a payload of so many. */
const headerOf = (length: number): number => length < 126 ? 2 : length < 65_536 ? 4 : 10

/** A final, unmasked WebSocket text frame (RFC 6455, section 5.2) around `json`, which has `length` bytes. */
const textFrame = (json: string, length: number): Buffer => {
  const header = headerOf(length)
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = 0x81
  if (header === 2) {
    frame[1] = length
  } else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2)
    frame.writeUInt32BE(length >>> 0, 6)
  }
  frame.write(json, header)
  return frame
}

export class EncodedFrame {
  /** What is said; some sockets make their frames themselves. */
  readonly text: string
  /** Bytes on the wire. */
  readonly size: number
  readonly #length: number
  #wire: Buffer | undefined
  /** The log entry that this frame pushes; `undefined` for answers and for what is never stored. */
  readonly conversation: ConversationId | undefined
  readonly seq: number

  /**
   * Never stored, and the first to be dropped when a connection is slow: where others stand, type and are is soon told
   * again.
   */
  readonly isEphemeral: boolean

  /** The last that its receiver hears of a group; not an entry of theirs any more, so it is not confirmed. */
  readonly isFarewell: boolean

  /** When its entry was committed here, by the monotonic clock; 0 where that was elsewhere, or is no matter any more. */
  readonly committedAt: number

  /** A string is a frame that is encoded already: an answer that many ask for. */
  constructor(
    frame: ServerFrame | string,
    conversation?: ConversationId,
    seq = 0,
    committedAt = 0,
    isFarewell = false
  ) {
    this.text = typeof frame === "string" ? frame : encode(frame)
    this.#length = Buffer.byteLength(this.text)
    this.size = headerOf(this.#length) + this.#length
    this.conversation = conversation
    this.seq = seq
    this.isFarewell = isFarewell
    this.committedAt = committedAt
    this.isEphemeral = typeof frame !== "string" &&
      (frame.type === "typing" || frame.type === "presence" || frame.type === "receipt")
  }

  /** The bytes for the socket: header and payload in one buffer, so that one frame is one write. */
  get wire(): Buffer {
    return this.#wire ??= textFrame(this.text, this.#length)
  }
}
