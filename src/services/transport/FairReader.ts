/**
 * Reads a socket a little at a time. Node hands over up to 64 KiB at once, and up to 2 MiB before anybody else has a
 * turn: ten thousand pings or fragments of one client, half a second in which all others wait.
 */
import type { Duplex } from "node:stream"
import { NextTurn } from "./NextTurn.ts"

const key = Symbol("FairReader")

interface OwnedSocket extends Duplex {
  [key]?: FairReader | undefined
  /** Node's own: what is under the socket, and reads. */
  readonly _handle?: { reading?: boolean; readStop?: () => unknown } | null
}

function onData(this: OwnedSocket, chunk: Buffer): void {
  this[key]!.take(chunk)
}

function onResume(this: OwnedSocket): void {
  this[key]!.resumed()
}

const pause = (socket: Duplex): void => {
  socket.pause()
}

/** A socket that is paused reads 64 KiB ahead all the same, and begins to when it has parsed what it had. */
const stopAhead = ({ _handle: handle }: OwnedSocket): void => {
  if (handle?.reading !== true) return
  handle.reading = false
  handle.readStop?.()
}

/** Who reads a socket, if it is read a little at a time. */
export const readerOf = (socket: object): FairReader | undefined => (socket as OwnedSocket)[key]

export abstract class FairReader<Socket extends Duplex = Duplex> extends NextTurn {
  protected readonly socket: Socket
  readonly #parse: ((this: Duplex, chunk: Buffer) => void) | undefined
  #waiting: Buffer | undefined
  #stopped = false

  /** Takes the place of the one listener that the socket has for data, which parses. */
  constructor(socket: Socket) {
    super()
    this.socket = socket
    const [parse] = socket.listeners("data")
    if (parse === undefined) return
    this.#parse = parse as (this: Duplex, chunk: Buffer) => void
    ;(socket as OwnedSocket)[key] = this
    socket.off("data", this.#parse)
    socket.on("data", onData)
    socket.on("resume", onResume)
  }

  /** Whether what is read is wanted now; until it is, it waits. */
  protected abstract get mayParse(): boolean

  /** What is parsed in one turn of the event loop, in bytes: some thirty small frames. */
  protected get quantumBytes(): number {
    return 2_048
  }

  /** As much as there may be in one turn has been parsed; it was this. */
  protected parsed(_chunk: Buffer): void {}

  protected parse(chunk: Buffer): void {
    this.#parse!.call(this.socket, chunk)
  }

  protected get isHere(): boolean {
    return readerOf(this.socket) === this && !this.socket.destroyed
  }

  /** Lets go of the socket, or gives it back to its parser. Returns what was read and not parsed. */
  protected detach(toParser: boolean): Buffer | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    ;(this.socket as OwnedSocket)[key] = undefined
    this.socket.off("data", onData)
    this.socket.off("resume", onResume)
    if (toParser && this.#parse !== undefined) this.socket.on("data", this.#parse)
    return waiting
  }

  /** Nothing more is read. The peer's stack notices; whoever only throws away what comes is kept busy by it. */
  stop(): void {
    this.#stopped = true
    this.#waiting = undefined
    this.socket.pause()
    // `ws` resumes a socket whose frames it could not parse, a moment later.
    process.nextTick(pause, this.socket)
    setImmediate(stopAhead, this.socket)
  }

  /** For the socket's listener. */
  take(chunk: Buffer): void {
    if (this.#stopped) return
    if (this.#waiting === undefined && this.mayParse) return this.#feed(chunk)
    this.#waiting = this.#waiting === undefined ? chunk : Buffer.concat([this.#waiting, chunk])
    this.socket.pause()
  }

  /** For the socket's listener: more is wanted, but first comes what waits. */
  resumed(): void {
    if (this.#stopped) return void this.socket.pause()
    if (this.#waiting === undefined) return
    this.socket.pause()
    this.schedule()
  }

  protected override turn(): void {
    if (!this.#isReady) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) this.#feed(waiting)
    // Whatever was parsed may have been the last of it, such as an upgrade.
    if (this.#waiting === undefined && this.#isReady) this.socket.resume()
  }

  get #isReady(): boolean {
    return !this.#stopped && this.isHere && this.mayParse
  }

  #feed(chunk: Buffer): void {
    const most = this.quantumBytes
    if (chunk.length > most) {
      this.#waiting = chunk.subarray(most)
      this.socket.pause()
      this.schedule()
    }
    const part = chunk.length > most ? chunk.subarray(0, most) : chunk
    this.parse(part)
    this.parsed(part)
  }
}
