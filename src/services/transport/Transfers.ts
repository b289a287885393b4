/**
 * Connections that are at a file, which takes them longer than any request may: they are no longer pending, nor under
 * Node's clock, and have a pace of their own. How many there may be is for whoever lets them begin.
 */
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { free } from "../kernel/lent.ts"
import { NextTurn } from "./NextTurn.ts"
import type { PendingConnections } from "./PendingConnections.ts"

/** What all uploads together may have read in one turn of the event loop, in bytes, before the last of them begins. */
const bytesPerTurn = 131_072

/**
 * Uploads are read up to the next of these, in bytes, which is what is then written at once: a file system works a quarter
 * less for pieces that begin and end at a round number. They are larger where there are few.
 */
const stepBytes = { ofFew: 524_288, ofMany: 131_072 }
const few = 8

export class Transfers extends NextTurn {
  readonly #pending: PendingConnections
  readonly #sockets = new Set<Socket>()
  #bytes = 0
  /** Read into next, where as much is wanted: one for all of them, until it is full. */
  #buffer: Buffer | undefined

  constructor(pending: PendingConnections) {
    super()
    this.#pending = pending
  }

  get size(): number {
    return this.#sockets.size
  }

  get stepBytes(): number {
    return this.#sockets.size <= few ? stepBytes.ofFew : stepBytes.ofMany
  }

  begin(socket: Socket): void {
    this.#pending.remove(socket)
    this.#sockets.add(socket)
  }

  end(socket: Socket): void {
    if (this.#sockets.delete(socket) && !socket.destroyed) this.#pending.add(socket)
  }

  /** None may stay. */
  destroyAll(): void {
    for (const socket of Array.from(this.#sockets)) socket.destroy()
  }

  /** Whether an upload may have something read in this turn; if not, it asks again in the next. */
  get mayRead(): boolean {
    return this.#bytes < bytesPerTurn
  }

  hasRead(bytes: number): void {
    this.#bytes += bytes
    this.schedule()
  }

  /** What `into` has put into a buffer of this size, in memory of its own; nothing of nothing. */
  read(size: number, into: (buffer: Buffer) => number): Buffer | undefined {
    if (this.#buffer !== undefined && this.#buffer.length !== size) {
      free(this.#buffer)
      this.#buffer = undefined
    }
    const buffer = this.#buffer ?? Buffer.allocUnsafeSlow(size)
    const bytes = into(buffer)
    this.#buffer = bytes === size ? undefined : buffer
    if (bytes === 0 || bytes === size) return bytes === 0 ? undefined : buffer
    const part = Buffer.allocUnsafeSlow(bytes)
    buffer.copy(part, 0, 0, bytes)
    return part
  }

  protected override turn(): void {
    this.#bytes = 0
  }
}

const waiting = new WeakSet<IncomingMessage>()

/** Its body comes when it is told to go on, and not before. */
export const holdBack = (request: IncomingMessage): void => void waiting.add(request)

/** Whether it waits to be told; the next time it does not. */
export const isHeldBack = (request: IncomingMessage): boolean => waiting.delete(request)
