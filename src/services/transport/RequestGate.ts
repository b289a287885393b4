/**
 * How many HTTP requests of all connections are begun in one turn of the event loop. Twenty connections with one request
 * each were twenty handlers before anybody's message was read, and a message needs several turns from socket to socket.
 */
const perTurn = 4

export class RequestGate {
  readonly #waiting: Array<() => void> = []
  #begun = 0
  #scheduled = false

  /** Begins it now, or when those that came before it have begun. */
  enter(begin: () => void): void {
    if (this.#begun < perTurn && this.#waiting.length === 0) {
      this.#begun++
      begin()
    } else {
      this.#waiting.push(begin)
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#scheduled = false
    const next = this.#waiting.splice(0, perTurn)
    this.#begun = next.length
    if (next.length > 0) this.#schedule()
    for (const begin of next) begin()
  }
}
