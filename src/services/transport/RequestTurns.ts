/**
 * One HTTP request of a connection at a time. Node parses whatever has come, up to 64 KiB at once, and hands over every
 * request in it in one turn: a thousand of one client, while all others wait. Here the parser gets a little at a time,
 * and nothing until the last answer has been taken. A WebSocket has nothing of this: at the upgrade it is gone.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { RequestGate } from "./RequestGate.ts"

/** What is parsed in one turn, in bytes: between requests, where each byte may be the end of one, and inside a body. */
const quantumBytes = 2_048
const bodyQuantumBytes = 16_384

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

const key = Symbol("RequestTurns")

interface OwnedSocket extends Socket {
  [key]?: RequestTurns | undefined
  /** Node's own mark: its parser has stopped until the socket is drained, and must be given nothing. */
  readonly _paused?: boolean
  /** Node's own: gone when the connection is no longer HTTP. */
  readonly parser?: unknown
}

function onData(this: OwnedSocket, chunk: Buffer): void {
  this[key]!.take(chunk)
}

function onResume(this: OwnedSocket): void {
  this[key]!.resumed()
}

const nothing = Buffer.alloc(0)

/** The turns of a socket, if it has them. */
export const turnsOf = (socket: object): RequestTurns | undefined => (socket as OwnedSocket)[key]

export class RequestTurns {
  readonly #socket: OwnedSocket
  /** Node's listener, which parses. */
  readonly #parse: (chunk: Buffer) => void
  readonly #gate: RequestGate
  /** Requests whose turn has not come: at most what one turn's bytes held. */
  readonly #queue: Array<() => void> = []
  /** The request that is being answered. */
  #current: IncomingMessage | undefined
  /** The last one whose body may still be on its way: an answer need not wait for it. */
  #body: IncomingMessage | undefined
  #waiting: Buffer | undefined
  #scheduled = false
  #paused = false
  #atGate = false

  private constructor(socket: OwnedSocket, parse: (chunk: Buffer) => void, gate: RequestGate) {
    this.#socket = socket
    this.#gate = gate
    this.#parse = parse
    socket[key] = this
    socket.off("data", parse)
    socket.on("data", onData)
    socket.on("resume", onResume)
  }

  /** For a socket that a server of Node has just begun to serve. Others, such as those under TLS, are left alone. */
  static attach(socket: Socket, gate: RequestGate): RequestTurns | undefined {
    const listeners = socket.listeners("data")
    return socket.destroyed || listeners.length !== 1 || turnsOf(socket) !== undefined
      ? undefined
      : new RequestTurns(socket, listeners[0] as (chunk: Buffer) => void, gate)
  }

  /** Whether somebody is at work on a request, or waits for the rest of it. */
  get isAnswering(): boolean {
    return this.#current !== undefined || this.#queue.length > 0
  }

  /** Hands the request over when those before it are answered. */
  begin(request: IncomingMessage, response: ServerResponse, handle: RequestHandler): void {
    // What has come of its body may be read whenever it begins.
    if (!this.isAnswering) this.#body = request
    this.#queue.push(() => {
      this.#current = request
      this.#body = request
      response.once("close", this.#ended)
      handle(request, response)
    })
    this.#next()
  }

  /**
   * The connection is no longer HTTP. Returns what was read and not parsed. Where the body of the upgrade is still to
   * come, Node goes on parsing as if there were no turns.
   */
  release(): Buffer {
    const socket = this.#socket
    const waiting = this.#waiting ?? nothing
    this.#waiting = undefined
    socket[key] = undefined
    socket.off("data", onData)
    socket.off("resume", onResume)
    if (socket.parser === undefined || socket.parser === null) return waiting
    socket.on("data", this.#parse)
    if (waiting.length > 0) socket.unshift(waiting)
    return nothing
  }

  /** For the socket's listener. */
  take(chunk: Buffer): void {
    if (this.#waiting === undefined && this.#mayParse) return this.#feed(chunk)
    this.#waiting = this.#waiting === undefined ? chunk : Buffer.concat([this.#waiting, chunk])
    this.#pause()
  }

  /** For the socket's listener: Node wants more, for the next request or for a body, but first comes what waits. */
  resumed(): void {
    if (this.#waiting === undefined) return
    this.#pause()
    this.#schedule()
  }

  get #isHere(): boolean {
    return this.#socket[key] === this && !this.#socket.destroyed
  }

  /** Not the next request while there is one, and of a body no more than its reader asks for. */
  get #mayParse(): boolean {
    if (this.#socket._paused === true || this.#queue.length > 0) return false
    return this.#isInBody
      ? this.#body!.readableLength < this.#body!.readableHighWaterMark
      : this.#current === undefined
  }

  get #isInBody(): boolean {
    return this.#body?.complete === false
  }

  #feed(chunk: Buffer): void {
    const most = this.#isInBody ? bodyQuantumBytes : quantumBytes
    if (chunk.length <= most) return this.#parse.call(this.#socket, chunk)
    this.#waiting = chunk.subarray(most)
    this.#pause()
    this.#parse.call(this.#socket, chunk.subarray(0, most))
    this.#schedule()
  }

  #pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    if (!this.#isHere) return
    if (this.#current === undefined && this.#queue.length > 0) return this.#next()
    if (!this.#mayParse) return
    const waiting = this.#waiting
    if (waiting === undefined) {
      this.#paused = false
      this.#socket.resume()
      return
    }
    this.#waiting = undefined
    this.#feed(waiting)
    this.#schedule()
  }

  #next(): void {
    if (this.#atGate || this.#current !== undefined || this.#queue.length === 0) return
    this.#atGate = true
    this.#gate.enter(this.#pass)
  }

  readonly #pass = (): void => {
    this.#atGate = false
    if (this.#isHere) this.#queue.shift()?.()
    else this.#queue.length = 0
  }

  readonly #ended = (): void => {
    this.#current = undefined
    if (!this.#isHere) this.#queue.length = 0
    else if (this.#paused || this.#queue.length > 0) this.#schedule()
  }
}
