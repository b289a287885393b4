/**
 * One HTTP request of a connection at a time. Node parses whatever has come, up to 64 KiB at once, and hands over every
 * request in it in one turn: a thousand of one client, while all others wait. Here the parser gets a little at a time,
 * and nothing until the last answer has been taken. A WebSocket has nothing of this: at the upgrade it is gone.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { BodyClock } from "./BodyClock.ts"
import { FairReader, readerOf } from "./FairReader.ts"
import { FileBody, type FileSink } from "./FileBody.ts"
import type { RequestGate } from "./RequestGate.ts"
import type { Transfers } from "./Transfers.ts"

/** What is parsed of a body in one turn, in bytes; elsewhere each byte may be the end of a request. */
const bodyQuantumBytes = 16_384

/** The same of a file whose length was said, of somebody who may send it: a read of the socket, as it is. */
const fileQuantumBytes = 65_536

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void

interface HttpSocket extends Socket {
  /** Node's own mark: its parser has stopped until the socket is drained, and must be given nothing. */
  readonly _paused?: boolean
  /** Node's own: gone when the connection is no longer HTTP. */
  readonly parser?: unknown
}

interface LastResponse extends ServerResponse {
  /** Node's own: the connection is closed after this one. */
  readonly _last?: boolean
}

const nothing = Buffer.alloc(0)

/** What still comes behind the last answer is not read. */
function onFinish(this: LastResponse): void {
  if (this._last === true && this.socket !== null) turnsOf(this.socket)?.stop()
}

/** The turns of a socket, if it has them. */
export const turnsOf = (socket: object): RequestTurns | undefined => {
  const reader = readerOf(socket)
  return reader instanceof RequestTurns ? reader : undefined
}

/** What the connections of a server share. */
export interface Shared {
  readonly bodies: BodyClock
  readonly gate: RequestGate
  readonly transfers: Transfers
}

export class RequestTurns extends FairReader<HttpSocket> {
  readonly #bodies: BodyClock
  readonly #gate: RequestGate
  readonly #transfers: Transfers
  /** Requests whose turn has not come: at most what one turn's bytes held. */
  readonly #queue: Array<() => void> = []
  /** The request that is being answered. */
  #current: IncomingMessage | undefined
  /** The last one whose body may still be on its way: an answer need not wait for it. */
  #body: IncomingMessage | undefined
  #atGate = false
  #file: FileBody | undefined

  private constructor(socket: HttpSocket, { bodies, gate, transfers }: Shared) {
    super(socket)
    this.#bodies = bodies
    this.#gate = gate
    this.#transfers = transfers
  }

  /** For a socket that a server of Node has just begun to serve. Others, such as those under TLS, are left alone. */
  static attach(socket: Socket, shared: Shared): RequestTurns | undefined {
    return socket.destroyed || socket.listenerCount("data") !== 1 || readerOf(socket) !== undefined
      ? undefined
      : new RequestTurns(socket, shared)
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
      // Last of all, to be asked first: Effect's own listener takes the mark away and lets the connection linger.
      response.prependOnceListener("finish", onFinish)
    })
    this.#next()
  }

  /** From here on the body of this request, whose turn it is, is a file that may take its time. */
  beginUpload(request: IncomingMessage, sink: FileSink): void {
    this.#bodies.exempt(request)
    this.#transfers.begin(this.socket)
    // Of chunks there may be one for each byte.
    if (request.headers["transfer-encoding"] === undefined) this.#file = new FileBody(request, sink, this.#transfers)
  }

  /** Whoever takes the file wants more of it. */
  wanted(): void {
    if (this.#file !== undefined && this.socket.isPaused()) this.schedule()
  }

  /** The answer to this request is a file. */
  beginDownload(): void {
    this.#transfers.begin(this.socket)
  }

  endTransfer(): void {
    this.#file = undefined
    this.#transfers.end(this.socket)
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
    if (!this.#isInBody) return this.#current === undefined
    const file = this.#inFile
    if (file?.isNext === true ? !file.wants : this.#body!.readableLength >= this.#body!.readableHighWaterMark) {
      return false
    }
    if (file === undefined || this.#transfers.mayRead) return true
    this.schedule()
    return false
  }

  protected override get quantumBytes(): number {
    const file = this.#inFile
    if (file === undefined) return this.#isInBody ? bodyQuantumBytes : super.quantumBytes
    return file.isNext ? Math.min(fileQuantumBytes, file.left) : fileQuantumBytes
  }

  protected override parse(chunk: Buffer): void {
    const file = this.#inFile
    if (file?.isNext !== true) return super.parse(chunk)
    const { left } = file
    file.take(chunk, this.#parsePiece)
    this.#transfers.hasRead(left - file.left)
    // Before Node reads on: what it reads is less than what could be read then.
    if (!file.request.complete && !this.mayParse) this.socket.pause()
  }

  readonly #parsePiece = (piece: Buffer): void => super.parse(piece)

  /** Whose body comes at this moment, if it is a file. */
  get #inFile(): FileBody | undefined {
    const file = this.#file
    return file !== undefined && file.request === this.#body && !file.request.complete ? file : undefined
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
