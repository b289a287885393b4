/**
 * Sockets that have not become WebSockets: requests, and those who only hold the line. Overflow policy: past the bound
 * the oldest is closed. Honest ones are through within moments, so it is not theirs.
 */
import type { Duplex } from "node:stream"
import { isOver } from "../../domain/Limit.ts"

export class PendingConnections {
  readonly #sockets = new Map<Duplex, () => void>()
  readonly #max: number
  readonly #closed: () => void

  /** 0 is no bound. `closed` hears of each that had to go. */
  constructor(max: number, closed: () => void = () => {}) {
    this.#max = max
    this.#closed = closed
  }

  get size(): number {
    return this.#sockets.size
  }

  add(socket: Duplex): void {
    const onClose = () => this.remove(socket)
    this.#sockets.set(socket, onClose)
    socket.once("close", onClose)
    if (!isOver(this.#max, this.#sockets.size)) return
    const [oldest] = this.#sockets.keys()
    if (oldest === undefined) return
    this.remove(oldest)
    oldest.destroy()
    this.#closed()
  }

  /** What was pending is known as another one from now on, as a socket is after its TLS handshake. */
  replace(socket: Duplex, other: Duplex): void {
    if (!this.#sockets.has(socket)) return
    this.remove(socket)
    this.add(other)
  }

  /** None may stay. */
  destroyAll(): void {
    for (const socket of Array.from(this.#sockets.keys())) socket.destroy()
  }

  /** It is a WebSocket now, or gone; nothing of this stays on it. */
  remove(socket: Duplex): void {
    const onClose = this.#sockets.get(socket)
    if (onClose === undefined) return
    socket.off("close", onClose)
    this.#sockets.delete(socket)
  }
}
