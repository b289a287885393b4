/** A `Connection` without a socket: what was written is an array, and the test says how much of it is taken. */
import type { CloseCode } from "../../src/domain/CloseCode.ts"
import { decode } from "../../src/domain/FrameCodec.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import type { Connection, ConnectionListener } from "../../src/services/Connection.ts"
import type { Outbound } from "../../src/services/Outbound.ts"

export class MemoryConnection implements Connection {
  readonly written: Array<ServerFrame> = []
  pings = 0
  paused = false
  closedWith: CloseCode | undefined
  /** When true, nothing that is written is ever taken by the peer. */
  stalled = false
  #buffered = 0
  #listener: ConnectionListener | undefined
  #waiting: Array<() => void> = []

  get listening(): boolean {
    return this.#listener !== undefined
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener
    if (this.closedWith !== undefined) listener.onClosed()
  }

  write(frames: ReadonlyArray<Outbound>): void {
    for (const frame of frames) {
      this.written.push(JSON.parse(frame.json) as ServerFrame)
      if (this.stalled) this.#buffered += frame.wire.length
    }
  }

  buffered(): number {
    return this.#buffered
  }

  whenTaken(callback: () => void): void {
    if (this.#buffered === 0) callback()
    else this.#waiting.push(callback)
  }

  /** The peer reads all that was written. */
  drain(): void {
    this.#buffered = 0
    for (const callback of this.#waiting.splice(0)) callback()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  ping(): void {
    this.pings++
  }

  close(code: CloseCode): void {
    this.terminate(code)
  }

  cutOff(code: CloseCode): void {
    this.terminate(code)
  }

  terminate(code: CloseCode): void {
    if (this.closedWith !== undefined) return
    this.closedWith = code
    this.#listener?.onClosed()
  }

  /** The client says something. */
  receive(frame: object | string): void {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame)
    if (this.#listener?.onFrame(decode(text, 16_384)) === false) this.pause()
  }

  /** The client's WebSocket stack answers a ping. */
  pong(): void {
    this.#listener?.onPong()
  }

  /** The client leaves, or the line breaks. */
  vanish(): void {
    this.closedWith ??= { code: 1006, reason: "", reconnect: true }
    this.#listener?.onClosed()
  }
}
