/**
 * A `Connection` over one WebSocket of `Bun.serve`. Bun answers pings, refuses what is no WebSocket and ends a connection
 * with its own half of a close handshake, so what `ws` says of these on Node is found out here.
 */
import * as CloseCode from "../../domain/CloseCode.ts"
import { decode } from "../../domain/FrameCodec.ts"
import type { Connection, ConnectionListener, Ending } from "../session/Connection.ts"
import type { EncodedFrame } from "../session/EncodedFrame.ts"
import type { BunSocket } from "./bun.ts"
import { NextTurn } from "./NextTurn.ts"

/** How many frames of a client are handled in one turn of the event loop: as many as on Node, where they are small. */
const framesPerTurn = 32

/** How long a client may take to show that it has read all before its close frame, in milliseconds. */
const closeMillis = 2_000

const isOpen = 1

/** What Bun says of a frame that was none, in place of the code that it has closed with. */
const violation = "Received "
const codesOfViolations = new Map([
  ["Received invalid UTF-8", CloseCode.InvalidUtf8.code],
  ["Received too big message", CloseCode.FrameTooBig.code]
])
const protocolError = 1002
const noCloseFrame = 1006

/** What the last ping carries: its pong says that the client has read what came before it. */
const lastWord = "bye"

/** What the connections of a server share. */
export interface Shared {
  readonly textBytes: number
  readonly turns: TurnNumber
  /** Does it so many milliseconds later; what comes back calls it off. */
  readonly later: (millis: number, run: () => void) => () => void
}

/** Which turn of the event loop this is, as far as anybody asked. */
export class TurnNumber extends NextTurn {
  #number = 0

  get now(): number {
    this.schedule()
    return this.#number
  }

  protected override turn(): void {
    this.#number++
  }
}

interface Mark {
  readonly at: number
  readonly callback: () => void
}

export class BunConnection extends NextTurn implements Connection {
  readonly #shared: Shared
  readonly #gone: () => void
  #ws: BunSocket<BunConnection> | undefined
  #listener: ConnectionListener | undefined
  /** Frames that were read and whose turn has not come: at most what Bun reads at once. */
  #held: Array<string> | undefined
  #heldAt = 0
  #turn = -1
  #frames = 0
  /** By the listener, which is not ready for more. */
  #isPaused = false
  #written = 0
  #marks: Array<Mark> | undefined
  /** Whether the server has begun to end it, why, and what calls its patience off. */
  #isEnding = false
  #endedWith: number | undefined
  #patience: (() => void) | undefined
  /** Reads nothing any more, and waits only for what was written to be taken. */
  #isUnread = false
  #isAnswered = false
  /** It is gone, and whether the listener was told. */
  #closedWith: { readonly code: number; readonly reason: string } | undefined
  #isReported = false

  /** `gone` is called once it is no WebSocket any more. */
  constructor(shared: Shared, gone: () => void) {
    super()
    this.#shared = shared
    this.#gone = gone
  }

  opened(ws: BunSocket<BunConnection>): void {
    this.#ws = ws
  }

  listen(listener: ConnectionListener): void {
    this.#listener = listener
    if (this.#held !== undefined) this.schedule()
    else if (this.#closedWith !== undefined) this.#report()
  }

  receive(message: string | Uint8Array): void {
    if (this.#isEnding) return
    if (typeof message !== "string") return this.close(CloseCode.BinaryFrame)
    const turn = this.#shared.turns.now
    if (this.#turn !== turn) {
      this.#turn = turn
      this.#frames = 0
    }
    if (this.#held === undefined && !this.#isPaused && this.#frames < framesPerTurn && this.#listener !== undefined) {
      return this.#take(message)
    }
    if (this.#held !== undefined) return void this.#held.push(message)
    this.#held = [message]
    this.#heldAt = 0
    this.#ws!.pause()
    if (!this.#isPaused) this.schedule()
  }

  #take(message: string): void {
    this.#frames++
    if (this.#listener!.onFrame(decode(message, this.#shared.textBytes))) return
    this.#isPaused = true
    if (this.#closedWith === undefined) this.#ws!.pause()
  }

  protected override turn(): void {
    if (this.#held === undefined || this.#isPaused || this.#isEnding || this.#listener === undefined) return
    this.#turn = this.#shared.turns.now
    this.#frames = 0
    // Its own end takes them from the connection.
    const held = this.#held
    while (this.#heldAt < held.length) {
      if (this.#isPaused || this.#isEnding) return
      if (this.#frames === framesPerTurn) return this.schedule()
      this.#take(held[this.#heldAt++]!)
    }
    this.#held = undefined
    if (this.#closedWith !== undefined) this.#report()
    else if (!this.#isPaused && !this.#isEnding) this.#ws!.resume()
  }

  receivePing(): void {
    if (!this.#isEnding) this.#listener?.onPing()
  }

  receivePong(data: Uint8Array): void {
    if (!this.#isEnding) return void this.#listener?.onPong()
    if (Buffer.from(data).toString() !== lastWord) return
    this.#isAnswered = true
    this.#finish()
  }

  /** So much of what waited as is no longer waiting has been taken. */
  drained(): void {
    const waiting = this.buffered()
    if (this.#isUnread && waiting === 0) return this.#finish()
    const taken = waiting === 0 ? this.#written : this.#written - waiting
    const marks = this.#marks
    if (marks === undefined) return
    while (marks.length > 0 && marks[0]!.at <= taken && this.isWhole) marks.shift()!.callback()
    if (marks.length === 0) this.#marks = undefined
  }

  /** `code` is that of the first close frame, from whichever side. */
  closed(code: number, reason: string): void {
    if (this.#closedWith !== undefined) return
    this.#closedWith = { code, reason }
    this.#gone()
    this.#patience?.()
    this.#marks = undefined
    // What was said before it comes first.
    if (this.#held === undefined || this.#isEnding) this.#report()
  }

  #report(): void {
    const { code, reason } = this.#closedWith!
    this.#held = undefined
    if (this.#listener === undefined || this.#isReported) return
    this.#isReported = true
    if (code === noCloseFrame && reason.startsWith(violation)) {
      this.#endedWith ??= codesOfViolations.get(reason) ?? protocolError
      this.#listener.onViolation()
    }
    const own = this.#isEnding && code === this.#endedWith
    const ending: Ending = this.#isAnswered ? "answered" : own || code === noCloseFrame ? "broken" : "left"
    this.#listener.onClosed(ending, this.#endedWith ?? code)
  }

  write(frames: ReadonlyArray<EncodedFrame>): boolean {
    if (!this.isWhole) return false
    const ws = this.#ws!
    if (frames.length === 1) this.#send(ws, frames[0]!)
    else ws.cork(() => frames.forEach((frame) => this.#send(ws, frame)))
    return this.isWhole
  }

  #send(ws: BunSocket<BunConnection>, frame: EncodedFrame): void {
    this.#written += frame.size
    ws.sendText(frame.text)
  }

  get isWhole(): boolean {
    return !this.#isEnding && this.#ws?.readyState === isOpen
  }

  buffered(): number {
    return this.#ws?.readyState === isOpen ? this.#ws.getBufferedAmount() : 0
  }

  whenTaken(callback: () => void): void {
    if (!this.isWhole) return
    if (this.buffered() === 0) return callback()
    this.#marks ??= []
    this.#marks.push({ at: this.#written, callback })
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    if (this.#held === undefined) this.#ws?.resume()
    else this.schedule()
  }

  ping(): void {
    if (this.isWhole) this.#ws!.ping()
  }

  /**
   * Bun would end its half with the close frame and not say whether it was answered. So a ping goes before it, and its
   * pong says what the answer would have.
   */
  close(code: CloseCode.CloseCode): void {
    if (!this.#end(code)) return
    this.#ws!.ping(lastWord)
    this.#ws!.resume()
  }

  closeUnread(code: CloseCode.CloseCode): void {
    if (!this.#end(code)) return
    this.#isUnread = true
    this.#ws!.pause()
    if (this.buffered() === 0) this.#finish()
  }

  terminate(code: CloseCode.CloseCode): void {
    this.#end(code)
    this.#finish()
  }

  /** Nobody takes it over. */
  abandon(): void {
    this.#ws?.terminate()
  }

  /** Begins the end; returns whether there was none before. */
  #end(code: CloseCode.CloseCode): boolean {
    if (this.#isEnding || this.#ws === undefined) return false
    this.#isEnding = true
    if (this.#closedWith !== undefined) {
      this.#report()
      return false
    }
    this.#endedWith ??= code.code
    this.#held = undefined
    this.#patience = this.#shared.later(closeMillis, () => this.#finish())
    return true
  }

  /** With a close frame, where it would go out at once. */
  #finish(): void {
    const ws = this.#ws
    if (ws === undefined || this.#closedWith !== undefined) return
    if (this.#endedWith === undefined || this.buffered() > 0) ws.terminate()
    else ws.close(this.#endedWith, CloseCode.of(this.#endedWith)?.reason ?? "")
  }
}
