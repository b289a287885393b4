/**
 * Reads a socket a little at a time. Node hands over up to 64 KiB at once, and up to 2 MiB before anybody else has a
 * turn: ten thousand pings or fragments of one client, half a second in which all others wait.
 */
import type { Duplex } from "node:stream"

/** What one socket may have read in one turn of the event loop, in bytes: some thirty small frames. */
const quantumBytes = 2_048

export interface Reader {
  /** Whether the reader has stopped; what is read waits then. */
  readonly isPaused: boolean
  /** As much as there may be in one turn has been handed over. */
  readonly turnEnded: () => void
}

const key = Symbol("FairReader")

interface OwnedSocket extends Duplex {
  [key]?: FairReader
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

export class FairReader {
  readonly #socket: OwnedSocket
  readonly #reader: Reader
  /** The listener of `ws`, which parses. */
  readonly #parse: ((this: Duplex, chunk: Buffer) => void) | undefined
  #waiting: Buffer | undefined
  #scheduled = false
  #discarding = false

  /** Takes the place of the one listener that the socket has for data. */
  constructor(socket: Duplex, reader: Reader) {
    this.#socket = socket
    this.#reader = reader
    const [parse] = socket.listeners("data")
    if (parse === undefined) return
    this.#parse = parse as (this: Duplex, chunk: Buffer) => void
    this.#socket[key] = this
    socket.off("data", this.#parse)
    socket.on("data", onData)
    socket.on("resume", onResume)
  }

  /** Nothing more is read. The peer's stack notices; whoever only throws away what comes is kept busy by it. */
  stop(): void {
    this.#discarding = true
    this.#waiting = undefined
    this.#socket.pause()
    // `ws` resumes a socket whose frames it could not parse, a moment later.
    process.nextTick(pause, this.#socket)
  }

  /** For the socket's listener. */
  take(chunk: Buffer): void {
    if (this.#discarding) return
    if (this.#waiting !== undefined) {
      this.#waiting = Buffer.concat([this.#waiting, chunk])
      this.#socket.pause()
    } else if (chunk.length <= quantumBytes) {
      this.#parse!.call(this.#socket, chunk)
      this.#reader.turnEnded()
    } else {
      this.#waiting = chunk
      this.#socket.pause()
      this.#turn()
    }
  }

  /** For the socket's listener: the reader goes on, but first with what waits. */
  resumed(): void {
    if (this.#waiting === undefined) return
    this.#socket.pause()
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    const waiting = this.#waiting
    if (waiting === undefined || this.#reader.isPaused) return
    if (this.#socket.destroyed) return this.stop()
    this.#waiting = waiting.length > quantumBytes ? waiting.subarray(quantumBytes) : undefined
    this.#parse!.call(this.#socket, waiting.subarray(0, quantumBytes))
    this.#reader.turnEnded()
    if (this.#waiting !== undefined) this.#schedule()
    else if (!this.#reader.isPaused && !this.#discarding) this.#socket.resume()
  }
}
