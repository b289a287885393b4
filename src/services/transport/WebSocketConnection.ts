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

/** What `ws` reports when none came (RFC 6455, section 7.1.5). */
const noCloseFrame = 1006

/** A WebSocket that knows its connection, so that all sockets share their listeners. */
export class ChatWebSocket extends WebSocket {
  connection: WebSocketConnection | undefined
}

const connectionOf = (ws: WebSocket): WebSocketConnection => (ws as ChatWebSocket).connection!

function onMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  connectionOf(this).receive(data, isBinary)
}

function onPing(this: WebSocket, data: Buffer): void {
  connectionOf(this).receivePing(data)
}

function onPong(this: WebSocket): void {
  connectionOf(this).listener!.onPong()
}

function onClose(this: WebSocket, code: number): void {
  connectionOf(this).closed(code)
}

// `ws` reports bad frames as errors, and closes with 1002, 1007, 1008 or 1009 by itself.
function onError(this: WebSocket, error: Error & { readonly code?: string }): void {
  const connection = connectionOf(this)
  const { listener, reads } = connection
  connection.failed(error.code)
  reads.stop()
  listener?.onViolation()
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

  protected override parsed(): void {
    connectionOf(this.#ws).answerPing()
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
    ws.on("error", onError)
  }

  listen(listener: ConnectionListener): void {
    this.listener = listener
    const ws = this.#ws
    ws.on("message", onMessage)
    ws.on("ping", onPing)
    ws.on("pong", onPong)
    ws.on("close", onClose)
    if (ws.readyState === ws.CLOSED) listener.onClosed("broken", this.#endedWith ?? noCloseFrame)
  }

  /** For the socket's listener: the client broke the rules, and `ws` ends it. */
  failed(error: string | undefined): void {
    this.#endedWith ??= error?.startsWith("WS_ERR_") === true ? codesOfErrors.get(error) ?? protocolError : undefined
  }

  /** For the socket's listener. */
  receive(data: Buffer, isBinary: boolean): void {
    if (isBinary) return this.close(CloseCode.BinaryFrame)
    if (this.#ws.readyState !== this.#ws.OPEN) return
    if (!this.listener!.onFrame(decode(data.toString(), this.#textBytes))) this.#ws.pause()
  }

  /** For the socket's listener. */
  receivePing(data: Buffer): void {
    if (this.listener!.onPing()) this.#ping = data
  }

  /** For the socket's listener; `code` is that of the close frame that the client sent, an answer has the server's. */
  closed(code: number): void {
    const broke = code === noCloseFrame || this.#socket.errored != null
    const ending = code === this.#closeCode ? "answered" : broke ? "broken" : "left"
    this.listener!.onClosed(ending, this.#endedWith ?? code)
  }

  /** For its reader, at the end of a turn. Of many pings at once only the last is answered, as RFC 6455 allows (section 5.5.3). */
  answerPing(): void {
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
