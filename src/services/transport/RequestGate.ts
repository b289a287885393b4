/**
 * How many HTTP requests of all connections are begun in one turn of the event loop. Twenty connections with one request
 * each were twenty handlers before anybody's message was read, and a message needs several turns from socket to socket.
 */
import { NextTurn } from "./NextTurn.ts"

const perTurn = 4

export class RequestGate extends NextTurn {
  readonly #waiting: Array<() => void> = []
  #begun = 0

  /** Begins it now, or when those that came before it have begun. */
  enter(begin: () => void): void {
    if (this.#begun < perTurn && this.#waiting.length === 0) {
      this.#begun++
      begin()
    } else {
      this.#waiting.push(begin)
    }
    this.schedule()
  }

  protected override turn(): void {
    const next = this.#waiting.splice(0, perTurn)
    this.#begun = next.length
    if (next.length > 0) this.schedule()
    for (const begin of next) begin()
  }
}
