/** How far this client has come in one conversation's log. Plain state: nothing here waits. */

import type { LogEvent } from "./types.ts"

/** What to do with an entry that was pushed. */
export type Verdict = "deliver" | "seen" | "gap"

export class Log {
  readonly conversation: string
  /** Everything up to here was handed to the application, or said by it; `undefined` until it is known. */
  position: number | undefined
  /** The last entry that is known to exist. */
  head = 0
  /** How far the server was told that this device has come, on this connection. */
  confirmed = 0
  /** A push that came before what is missing: all there is to know if the missing entries may not be read. */
  beyond: LogEvent | undefined
  /** Whether somebody is reading the missing entries. */
  filling = false
  /** Ranges of entries that this client made itself and that lie beyond `position`. */
  readonly #own: Array<[from: number, to: number]> = []
  /** Entries of which the application is told, or will be, and that it has not taken yet; each as often as it is told. */
  readonly #untaken: Array<number> = []

  constructor(conversation: string, position: number | undefined) {
    this.conversation = conversation
    this.position = position
  }

  /** Whether entries are known to exist that were not handed over. */
  get behind(): boolean {
    return this.position !== undefined && this.position < this.head
  }

  /** Decides about an entry that was pushed or read; with `deliver` the position moves. The position has to be known. */
  see(seq: number): Verdict {
    this.head = Math.max(this.head, seq)
    this.#skipOwn()
    if (seq <= this.position!) return "seen"
    if (seq > this.position! + 1) return "gap"
    this.position = seq
    this.#skipOwn()
    return "deliver"
  }

  /** An entry that this client made: known by its answer, so it is not handed over. */
  answered(seq: number): void {
    this.head = Math.max(this.head, seq)
    if (this.position === undefined && seq === 1) this.position = 0
    if (this.position !== undefined && seq <= this.position) return
    const last = this.#own.at(-1)
    if (last !== undefined && last[1] === seq - 1) last[1] = seq
    else this.#own.push([seq, seq])
    if (this.position !== undefined) this.#skipOwn()
  }

  /** The entries up to here cannot be had any more, or are not this client's business. */
  skipTo(seq: number): void {
    this.position = Math.max(this.position ?? 0, seq)
    this.#skipOwn()
  }

  /** The log is another one now, as after a restart of a server that keeps nothing. */
  restart(position: number, head: number): void {
    this.position = position
    this.head = head
    this.confirmed = 0
    this.#own.length = 0
    this.#untaken.length = 0
  }

  /** The application is told of an entry. */
  handed(seq: number): void {
    this.#untaken.push(seq)
  }

  /** The application took it. */
  took(seq: number): void {
    // They are taken in the order in which they are told of, so it is one of the first.
    const index = this.#untaken.indexOf(seq)
    if (index >= 0) this.#untaken.splice(index, 1)
  }

  /** How far the application has everything. */
  get complete(): number {
    return this.#untaken.reduce((least, seq) => Math.min(least, seq - 1), this.position ?? 0)
  }

  #skipOwn(): void {
    for (let moved = true; moved;) {
      moved = false
      for (let i = this.#own.length - 1; i >= 0; i--) {
        const [from, to] = this.#own[i]!
        if (from > this.position! + 1) continue
        this.#own.splice(i, 1)
        moved ||= to > this.position!
        this.position = Math.max(this.position!, to)
      }
    }
  }
}
