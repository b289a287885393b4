/**
 * One HTTP request of a connection at a time. Node parses whatever has come, up to 64 KiB at once, and hands over every
 * request in it in one turn: a thousand of one client, while all others wait. Here the parser gets a little at a time,
 * and nothing until the last answer has been taken. A WebSocket has nothing of this: at the upgrade it is gone.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { FairReader, readerOf } from "./FairReader.ts"
import type { RequestGate } from "./RequestGate.ts"

/** What is parsed of a body in one turn, in bytes; elsewhere each byte may be the end of a request. */
const bodyQuantumBytes = 16_384

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

interface HttpSocket extends Socket {
  /** Node's own mark: its parser has stopped until the socket is drained, and must be given nothing. */
  readonly _paused?: boolean
  /** Node's own: gone when the connection is no longer HTTP. */
  readonly parser?: unknown
}

const nothing = Buffer.alloc(0)

/** The turns of a socket, if it has them. */
export const turnsOf = (socket: object): RequestTurns | undefined => {
  const reader = readerOf(socket)
  return reader instanceof RequestTurns ? reader : undefined
}

export class RequestTurns extends FairReader<HttpSocket> {
  readonly #gate: RequestGate
  /** Requests whose turn has not come: at most what one turn's bytes held. */
  readonly #queue: Array<() => void> = []
  /** The request that is being answered. */
  #current: IncomingMessage | undefined
  /** The last one whose body may still be on its way: an answer need not wait for it. */
  #body: IncomingMessage | undefined
  #atGate = false

  private constructor(socket: HttpSocket, gate: RequestGate) {
    super(socket)
    this.#gate = gate
  }

  /** For a socket that a server of Node has just begun to serve. Others, such as those under TLS, are left alone. */
  static attach(socket: Socket, gate: RequestGate): RequestTurns | undefined {
    return socket.destroyed || socket.listenerCount("data") !== 1 || readerOf(socket) !== undefined
      ? undefined
      : new RequestTurns(socket, gate)
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
    const { parser } = this.socket
    const isHttp = parser !== undefined && parser !== null
    const waiting = this.detach(isHttp) ?? nothing
    if (!isHttp) return waiting
    if (waiting.length > 0) this.socket.unshift(waiting)
    return nothing
  }

  /** Not the next request while there is one, and of a body no more than its reader asks for. */
  protected override get mayParse(): boolean {
    if (this.socket._paused === true || this.#queue.length > 0) return false
    return this.#isInBody
      ? this.#body!.readableLength < this.#body!.readableHighWaterMark
      : this.#current === undefined
  }

  protected override get quantumBytes(): number {
    return this.#isInBody ? bodyQuantumBytes : super.quantumBytes
  }

  get #isInBody(): boolean {
    return this.#body?.complete === false
  }

  protected override turn(): void {
    if (this.isHere && this.#current === undefined && this.#queue.length > 0) this.#next()
    else super.turn()
  }

  #next(): void {
    if (this.#atGate || this.#current !== undefined || this.#queue.length === 0) return
    this.#atGate = true
    this.#gate.enter(this.#pass)
  }

  readonly #pass = (): void => {
    this.#atGate = false
    if (this.isHere) this.#queue.shift()?.()
    else this.#queue.length = 0
  }

  readonly #ended = (): void => {
    this.#current = undefined
    if (!this.isHere) this.#queue.length = 0
    else if (this.socket.isPaused() || this.#queue.length > 0) this.schedule()
  }
}
