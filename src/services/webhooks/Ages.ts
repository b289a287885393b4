/**
 * How old entries are, whatever becomes of the wall clock: it is asked once, when they are first seen, and what has passed
 * since then is measured. Pure. Bounded: past it, entries are first seen each time.
 */
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { maxSleeping } from "../events/Backlog.ts"
import type { Now } from "../kernel/Monotonic.ts"

interface Seen {
  /** The last entry that there was then. */
  readonly upTo: number
  readonly at: number
  /** How far the wall clock was behind the measured time. */
  readonly behind: number
}

export class Ages {
  readonly #now: Now
  readonly #wall: () => number
  readonly #seen = new Map<ConversationId, Seen>()

  constructor(now: Now, wall: () => number) {
    this.#now = now
    this.#wall = wall
  }

  /** Of one of a page that ends with `last`, in milliseconds; of one from the future it begins when it is seen. */
  of(conversation: ConversationId, { at, seq }: Pick<Entry, "at" | "seq">, last: number): number {
    const now = this.#now()
    let seen = this.#seen.get(conversation)
    if (seen === undefined || seq > seen.upTo) {
      seen = { upTo: last, at: now, behind: now - this.#wall() }
      if (this.#seen.size < maxSleeping || this.#seen.has(conversation)) this.#seen.set(conversation, seen)
    }
    return now - Math.min(seen.at, at + seen.behind)
  }

  /** Nothing of it is left to be told. */
  forget(conversation: ConversationId): void {
    this.#seen.delete(conversation)
  }
}
