/**
 * The body of a file whose length was said, past Node's parser: that would copy all of it, and hand over 64 KiB at a time.
 * It is told how much there was, and the bytes go to whoever wants them as they were read. A sender that is fast has more
 * here than Node reads at once: the rest is read with it, so that all that follows is done four times less often.
 */
import { readSync } from "node:fs"
import type { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import type { Transfers } from "./Transfers.ts"

/** Whoever reads the body. */
export interface FileSink {
  /** What it has been given so far, in bytes. */
  readonly bytes: number
  /** Whether it takes more now. */
  readonly wants: boolean
  readonly take: (pieces: ReadonlyArray<Buffer>) => void
}

/** What Node reads of a socket at once, in bytes: where it is less, no more was there. */
const readBytes = 65_536

/** As many full reads are not followed by one of ours, at most, where that found nothing. */
const longestDoubt = 32

/** Node's own: where a parser has what it calls with a piece of a body. It passes over bodies where that is no function. */
const onBody = 3

interface HttpSocket extends Socket {
  readonly _handle?: { readonly fd?: number } | null
  readonly parser?: { [onBody]?: unknown } | null
}

/** Under TLS the descriptor has what nobody has deciphered, and other systems have none. */
const descriptorOf = (socket: HttpSocket): number =>
  Object.getPrototypeOf(socket) === Socket.prototype ? socket._handle?.fd ?? -1 : -1

const isBusy = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "EAGAIN"

export class FileBody {
  readonly request: IncomingMessage
  readonly #sink: FileSink
  readonly #socket: HttpSocket
  readonly #transfers: Transfers
  readonly #size: number
  /** How many full reads are not followed by one of ours, and how many of them are left. */
  #doubt = 0
  #doubts = 0

  constructor(request: IncomingMessage, sink: FileSink, transfers: Transfers) {
    this.request = request
    this.#sink = sink
    this.#socket = request.socket
    this.#transfers = transfers
    this.#size = Number(request.headers["content-length"] ?? 0)
  }

  get wants(): boolean {
    return this.#sink.wants
  }

  /** What is still to come. */
  get left(): number {
    return this.#size - this.#sink.bytes
  }

  /** Whether what comes next is of it, and all that came before is where it belongs. */
  get isNext(): boolean {
    return this.left > 0 && !this.request.complete && this.request.readableLength === 0 &&
      typeof this.#socket.parser?.[onBody] === "function"
  }

  /** No more than there is left. */
  take(piece: Buffer, parse: (piece: Buffer) => void): void {
    const more = piece.length === readBytes ? this.#more(this.#sink.bytes + piece.length) : undefined
    const pieces = more === undefined ? [piece] : [piece, more]
    const parser = this.#socket.parser!
    const own = parser[onBody]
    parser[onBody] = undefined
    try {
      for (const each of pieces) parse(each)
    } finally {
      // Node gives its parsers to others afterwards.
      parser[onBody] = own
    }
    this.#sink.take(pieces)
  }

  /** What the system has of it already, from `at` on. */
  #more(at: number): Buffer | undefined {
    const { stepBytes } = this.#transfers
    const most = Math.min(this.#size - at, (stepBytes - at % stepBytes) % stepBytes)
    // What Node has read comes first.
    if (most === 0 || this.#socket.readableLength > 0) return undefined
    const descriptor = descriptorOf(this.#socket)
    if (descriptor < 0 || this.#doubts-- > 0) return undefined
    const read = this.#transfers.read(most, (buffer) => {
      try {
        return readSync(descriptor, buffer)
      } catch (error) {
        // Nobody else would hear of it.
        if (!isBusy(error)) this.#socket.destroy()
        return 0
      }
    })
    this.#doubt = read === undefined ? Math.min(longestDoubt, this.#doubt * 2 + 1) : 0
    this.#doubts = this.#doubt
    return read
  }
}
