/**
 * Whether a bus works is known only by hearing oneself on it: a proxy or a failover may leave lines that are open and
 * carry nothing. So a tiny probe is published now and then, which is not handed on. It counts looks, one a second, and not
 * time: to a process that was stopped for a while nothing was said meanwhile.
 */
import { randomBytes } from "node:crypto"

/** How many looks it may be without an answer until it is taken for dead. */
const patience = 5
/** A probe with every second look. */
const pause = 2

export class Pulse {
  /** Nobody else's. */
  readonly probe = randomBytes(9).toString("base64url")
  #isOpen = false
  #wasHeard = false
  #looks = 0

  /** There is a new line, and nothing was heard on it. */
  begin(): void {
    this.#isOpen = true
    this.#wasHeard = false
    this.#looks = 0
  }

  /** The line is gone; whether it ever worked. */
  end(): boolean {
    const worked = this.#wasHeard
    this.#isOpen = false
    this.#wasHeard = false
    return worked
  }

  heard(): void {
    if (!this.#isOpen) return
    this.#wasHeard = true
    this.#looks = 0
  }

  /** Called once a second; what is to be done now. */
  look(): "nothing" | "probe" | "renew" {
    if (!this.#isOpen) return "nothing"
    if (++this.#looks > patience) return "renew"
    return this.#looks % pause === 0 ? "probe" : "nothing"
  }

  /** A probe came back on this line, not long ago. */
  get isHealthy(): boolean {
    return this.#isOpen && this.#wasHeard && this.#looks <= patience
  }
}
