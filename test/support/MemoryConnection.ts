/** A `Connection` without a socket: what was written is an array, and the test says how much of it is taken. */
import { Effect } from "effect"
import type { CloseCode } from "../../src/domain/CloseCode.ts"
import { decode } from "../../src/domain/FrameCodec.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { idle } from "../../src/services/kernel/ActorScheduler.ts"
import type { Connection, ConnectionListener, Ending } from "../../src/services/session/Connection.ts"
import type { EncodedFrame } from "../../src/services/session/EncodedFrame.ts"
import { Peer } from "./Peer.ts"

export class MemoryConnection extends Peer implements Connection {
  pings = 0
  paused = false
  closedWith: CloseCode | undefined
  /** Which of the ways to end it the server has chosen; none, while it has not. */
  endedBy: "close" | "closeUnread" | "terminate" | undefined
  /** When true, nothing that is written is taken by the peer, but what the test lets it take. */
  stalled = false
  /** False once the connection has begun to end, whoever began. */
  isWhole = true
  /** Bytes given so far, and where each frame of `heard` ends in them. */
  #given = 0
  readonly #ends: Array<number> = []
  #took = 0
  #listener: ConnectionListener | undefined
  #waiting: Array<{ readonly until: number; readonly callback: () => void }> = []

  get listening(): boolean {
    return this.#listener !== undefined
  }

  /** What the peer has to the last byte. */
  get taken(): ReadonlyArray<ServerFrame> {
    return this.heard.slice(0, this.#ends.filter((end) => end <= this.#took).length)
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener
    if (this.closedWith !== undefined) listener.onClosed("broken", this.closedWith.code)
  }

  write(frames: ReadonlyArray<EncodedFrame>): boolean {
    if (!this.isWhole) return false
    for (const frame of frames) {
      this.#given += frame.size
      this.#ends.push(this.#given)
      this.hear(JSON.parse(frame.text) as ServerFrame)
    }
    if (!this.stalled) this.#took = this.#given
    return true
  }

  buffered(): number {
    return this.#given - this.#took
  }

  whenTaken(callback: () => void): void {
    if (!this.isWhole) return
    if (this.buffered() === 0) callback()
    else this.#waiting.push({ until: this.#given, callback })
  }

  /** The peer reads some of what was written. */
  read(bytes: number): void {
    if (!this.isWhole) return
    this.#took = Math.min(this.#given, this.#took + bytes)
    const ready = this.#waiting.filter(({ until }) => until <= this.#took)
    this.#waiting = this.#waiting.filter((each) => !ready.includes(each))
    for (const { callback } of ready) callback()
  }

  /** The peer reads all that was written, and what will be. */
  drain(): void {
    this.stalled = false
    this.read(this.buffered())
  }

  /** The client's close frame or the end of its side has come: the line is still there, and takes nothing more. */
  hangUp(): void {
    this.isWhole = false
  }

  resume(): void {
    this.paused = false
  }

  ping(): void {
    this.pings++
  }

  /** A client that reads answers, and one that does not is waited for in vain. */
  close(code: CloseCode): void {
    this.endedBy ??= "close"
    this.end(code, this.isWhole && this.buffered() === 0 ? "answered" : "broken")
  }

  closeUnread(code: CloseCode): void {
    this.endedBy ??= "closeUnread"
    this.end(code, "broken")
  }

  terminate(code: CloseCode): void {
    this.endedBy ??= "terminate"
    this.end(code, "broken")
  }

  protected end(code: CloseCode, ending: Ending): void {
    this.isWhole = false
    if (this.closedWith !== undefined) return
    this.closedWith = code
    this.#listener?.onClosed(ending, code.code)
  }

  send(frame: object | string): void {
    const text = typeof frame === "string" ? frame : JSON.stringify(frame)
    if (this.#listener?.onFrame(decode(text, 16_384)) === false) this.paused = true
  }

  /** As other tests call them. */
  get written(): Array<ServerFrame> {
    return this.heard
  }
  receive(frame: object | string): void {
    this.send(frame)
  }

  /** Says it, and lets everything happen that follows; what came of it. */
  says(...frames: ReadonlyArray<object | string>): Effect.Effect<ReadonlyArray<ServerFrame>> {
    return Effect.suspend(() => {
      const before = this.heard.length
      for (const frame of frames) this.send(frame)
      return Effect.map(idle, () => this.heard.slice(before))
    })
  }

  /** The client's WebSocket stack answers a ping. */
  pong(): void {
    this.#listener?.onPong()
  }

  /** The client leaves with a close frame, which is answered. */
  leave(): void {
    this.end({ code: 1000, reason: "", reconnect: false }, "left")
  }

  /** The line breaks, or the client ends it without a word. */
  vanish(): void {
    this.end({ code: 1006, reason: "", reconnect: true }, "broken")
  }

  /** It breaks, and everything happens that follows. */
  readonly gone = Effect.andThen(Effect.sync(() => this.vanish()), idle)
}
