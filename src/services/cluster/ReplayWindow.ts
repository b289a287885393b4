/** Which numbers of one sender were heard before. Numbers may come in any order, as long as they are not too late. */

/** How far behind the largest a number may be. */
const size = 1_024

export class ReplayWindow {
  readonly #seen = new Uint8Array(size)
  #largest: number

  /** It may begin anywhere. */
  constructor(first: number) {
    this.#largest = first - 1
  }

  /** False where it was heard before, or is so late that it may have been. */
  accept(number: number): boolean {
    if (number > this.#largest) {
      const skipped = number - this.#largest
      if (skipped >= size) this.#seen.fill(0)
      else for (let i = 1; i < skipped; i++) this.#seen[(this.#largest + i) % size] = 0
      this.#largest = number
    } else if (number <= this.#largest - size || this.#seen[number % size] === 1) {
      return false
    }
    this.#seen[number % size] = 1
    return true
  }
}
