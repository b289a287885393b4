/** Calls of a store that were given up and have not ended yet: they hold memory, so there is a bound to them. */
import type { Fiber } from "effect"

export class Hanging {
  readonly #most: number
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  get isFull(): boolean {
    return this.#count >= this.#most
  }

  /** Not waited for any more. */
  giveUp(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.#count++
    fiber.addObserver(() => {
      this.#count--
    })
    fiber.interruptUnsafe()
  }
}
