/** A `Connection` over one accepted WebSocket of the `ws` package. */
import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"
import * as CloseCode from "../../domain/CloseCode.ts"
import { decode } from "../../domain/FrameCodec.ts"
import type { Connection, ConnectionListener } from "../Connection.ts"
import type { Outbound } from "../Outbound.ts"

const nothing = Buffer.alloc(0)

export class WebSocketConnection implements Connection {
  readonly #ws: WebSocket
  readonly #socket: Duplex
  readonly #textBytes: number
  #listener: ConnectionListener | undefined

  /** `socket` is the one under `ws`; `textBytes` bounds the text of a message. */
  constructor(ws: WebSocket, socket: Duplex, textBytes: number) {
    this.#ws = ws
    this.#socket = socket
    this.#textBytes = textBytes
    // `ws` reports bad frames here and closes with 1002, 1007 or 1009 by itself.
    ws.on("error", () => {})
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener
    const ws = this.#ws
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) return this.close(CloseCode.BinaryFrame)
      if (ws.readyState !== ws.OPEN) return
      if (!listener.onFrame(decode(data.toString(), this.#textBytes))) ws.pause()
    })
    ws.on("ping", () => listener.onActivity())
    ws.on("pong", () => listener.onActivity())
    ws.once("close", () => listener.onClosed())
    if (ws.readyState === ws.CLOSED) listener.onClosed()
  }

  /**
   * Straight to the socket: header and payload are one buffer already, shared by all receivers, which saves what
   * `ws.send` would do for each. Sound because without compression `ws` too writes only whole frames.
   */
  write(frames: ReadonlyArray<Outbound>): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    if (frames.length === 1) {
      this.#socket.write(frames[0]!.wire)
      return
    }
    this.#socket.cork()
    for (const frame of frames) this.#socket.write(frame.wire)
    this.#socket.uncork()
  }

  buffered(): number {
    return this.#socket.writableLength
  }

  whenTaken(callback: () => void): void {
    if (this.#socket.writableLength === 0) return callback()
    this.#socket.write(nothing, (error) => {
      if (error === undefined || error === null) callback()
    })
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  ping(): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping()
  }

  close(code: CloseCode.CloseCode): void {
    this.#ws.close(code.code, code.reason)
    // A paused socket would not see the answer to the close frame.
    this.#ws.resume()
  }

  terminate(code: CloseCode.CloseCode): void {
    this.#ws.close(code.code, code.reason)
    this.#ws.terminate()
    // At once, not when the socket's `close` event comes: nothing more may be queued for it.
    this.#listener?.onClosed()
  }
}
