/** A `Connection` over one accepted WebSocket of the `ws` package. */
import type { Duplex } from "node:stream"
import { WebSocket } from "ws"
import * as CloseCode from "../../domain/CloseCode.ts"
import { decode } from "../../domain/FrameCodec.ts"
import type { Connection, ConnectionListener } from "../session/Connection.ts"
import type { EncodedFrame } from "../session/EncodedFrame.ts"
import { FairReader } from "./FairReader.ts"

const nothing = Buffer.alloc(0)

/** How `ws` calls what it closes a connection for, where that has a code of its own. */
const codesOfErrors = new Map([
  ["WS_ERR_INVALID_UTF8", CloseCode.InvalidUtf8.code],
  ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", CloseCode.FrameTooBig.code]
])

/** Of a frame that was none. */
const protocolError = 1002

/**
 * What is read of a client after the server has said that it closes: what was on its way, and the answer. Nothing of it is
 * carried out, so no limit counts it, and whoever goes on would keep the server busy until it gives them up.
 */
const lateFrames = 1_024
const lateBytes = 1_048_576

/** What `ws` reports when none came (RFC 6455, section 7.1.5). */
const noCloseFrame = 1006

/**
 * A WebSocket that only its connection listens to: without a table of listeners for each socket, and of functions to look
 * up for each frame.
 */
export class ChatWebSocket extends WebSocket {
  connection: WebSocketConnection | undefined

  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const { connection } = this
    switch (event) {
      // What `ws` gives with each of these is what its documentation says.
      case "message":
        connection?.receive(first as Buffer, second as boolean)
        break
      case "ping":
        connection?.receivePing(first as Buffer)
        break
      case "pong":
        connection?.receivePong()
        break
      case "close":
        connection?.closed(first as number)
        break
      // `ws` reports bad frames as errors, and closes with 1002, 1007, 1008 or 1009 by itself.
      case "error":
        connection?.failed(first as Error)
    }
    return connection !== undefined
  }
}

class FrameReader extends FairReader {
  readonly #ws: ChatWebSocket

  constructor(ws: ChatWebSocket, socket: Duplex) {
    super(socket)
    this.#ws = ws
  }

  protected override get mayParse(): boolean {
    return !this.#ws.isPaused
  }

  protected override parsed(chunk: Buffer): void {
    this.#ws.connection!.hasRead(chunk.length)
  }
}

export class WebSocketConnection implements Connection {
  readonly #ws: ChatWebSocket
  readonly #socket: Duplex
  readonly #textBytes: number
  readonly reads: FrameReader
  listener: ConnectionListener | undefined
  /** The payload of the last ping that wants its pong. */
  #ping: Buffer | undefined
  #lateFrames = 0
  #lateBytes = 0
  /** Of the close frame that the server sent. */
  #closeCode = Number.NaN
  /** Why the server has begun to end it. */
  #endedWith: number | undefined

  /** `socket` is the one under `ws`; `textBytes` bounds the text of a message. */
  constructor(ws: ChatWebSocket, socket: Duplex, textBytes: number) {
    this.#ws = ws
    this.#socket = socket
    this.#textBytes = textBytes
    ws.connection = this
    this.reads = new FrameReader(ws, socket)
  }

  listen(listener: ConnectionListener): void {
    this.listener = listener
    if (this.#ws.readyState === this.#ws.CLOSED) listener.onClosed("broken", this.#endedWith ?? noCloseFrame)
  }

  /** The client broke the rules, or the line did, and `ws` ends it. */
  failed({ code }: Error & { readonly code?: string }): void {
    this.#endedWith ??= code?.startsWith("WS_ERR_") === true ? codesOfErrors.get(code) ?? protocolError : undefined
    this.reads.stop()
    this.listener?.onViolation()
  }

  /** Until there is a listener, nothing is heard. */
  receive(data: Buffer, isBinary: boolean): void {
    const { listener } = this
    if (listener === undefined) return
    if (isBinary) return this.close(CloseCode.BinaryFrame)
    if (this.#isLate()) return
    if (!listener.onFrame(decode(data.toString(), this.#textBytes))) this.#ws.pause()
  }

  receivePing(data: Buffer): void {
    if (!this.#isLate() && this.listener?.onPing() === true) this.#ping = data
  }

  receivePong(): void {
    if (!this.#isLate()) this.listener?.onPong()
  }

  get #isClosing(): boolean {
    return this.#ws.readyState !== this.#ws.OPEN
  }

  /** Whether a frame came after the end. Past the bound nothing more is read. */
  #isLate(): boolean {
    if (!this.#isClosing) return false
    if (++this.#lateFrames > lateFrames) this.reads.stop()
    return true
  }

  /** `code` is that of the close frame that the client sent, an answer has the server's. */
  closed(code: number): void {
    const broke = code === noCloseFrame || this.#socket.errored != null
    const ending = code === this.#closeCode ? "answered" : broke ? "broken" : "left"
    this.listener?.onClosed(ending, this.#endedWith ?? code)
  }

  /** For its reader, at the end of a turn. Of many pings at once only the last is answered, as RFC 6455 allows (section 5.5.3). */
  hasRead(bytes: number): void {
    if (this.#isClosing) {
      this.#lateBytes += bytes
      if (this.#lateBytes > lateBytes) this.reads.stop()
    }
    const data = this.#ping
    if (data === undefined) return
    this.#ping = undefined
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.pong(data)
  }

  /**
   * Straight to the socket: header and payload are one buffer already, shared by all receivers, which saves what
   * `ws.send` would do for each. Sound because without compression `ws` too writes only whole frames.
   */
  write(frames: ReadonlyArray<EncodedFrame>): boolean {
    if (this.#ws.readyState !== this.#ws.OPEN) return false
    if (frames.length === 1) {
      this.#socket.write(frames[0]!.wire)
    } else {
      this.#socket.cork()
      for (const frame of frames) this.#socket.write(frame.wire)
      this.#socket.uncork()
    }
    // A peer that is gone shows at once, and what failed is not counted as waiting.
    return this.#socket.writable
  }

  /** `ws` notices a close frame and the peer's end at once, an error only in the next tick. */
  get isWhole(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && this.#socket.writable
  }

  buffered(): number {
    return this.#socket.writableLength
  }

  whenTaken(callback: () => void): void {
    if (!this.isWhole) return
    if (this.#socket.writableLength === 0) return callback()
    this.#socket.write(nothing, (error) => {
      if ((error === undefined || error === null) && this.isWhole) callback()
    })
  }

  resume(): void {
    this.#ws.resume()
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping()
  }

  close(code: CloseCode.CloseCode): void {
    if (this.isWhole) {
      this.#closeCode = code.code
      this.#endedWith ??= code.code
    }
    this.#ws.close(code.code, code.reason)
    // A paused socket would not see the answer to the close frame.
    this.#ws.resume()
  }

  closeUnread(code: CloseCode.CloseCode): void {
    this.#endedWith ??= code.code
    this.#ws.close(code.code, code.reason)
    this.reads.stop()
  }

  terminate(code: CloseCode.CloseCode): void {
    this.#endedWith ??= code.code
    this.#ws.close(code.code, code.reason)
    this.#ws.terminate()
    // At once, not when the socket's `close` event comes: nothing more may be queued for it.
    this.listener?.onClosed("broken", this.#endedWith)
  }
}
