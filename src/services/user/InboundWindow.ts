/** How many frames of a client wait to be handled: past a mark its socket is not read until there is room again. */

/** The client's frames are read on until this many wait in the mailbox. */
const highWater = 64

export class InboundWindow {
  #waiting = 0
  #isFull = false

  /** Whether the socket was told to stop. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** One more waits. Returns whether the next may be read. */
  add(): boolean {
    if (++this.#waiting < highWater) return true
    this.#isFull = true
    return false
  }

  /** So many are done with. Returns whether reading goes on from here. */
  done(frames: number): boolean {
    this.#waiting -= frames
    if (!this.#isFull || this.#waiting >= highWater) return false
    this.#isFull = false
    return true
  }
}
