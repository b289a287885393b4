/**
 * The conversations that may have something to take, of which each is in one hand at a time. It is bounded: what does not
 * fit is found in the store, which has to be looked through again then.
 */
import type { ConversationId } from "../../domain/Ids.ts"

export const maxReady = 10_000
export const maxSleeping = 50_000

/** Those who wait are looked through at most so often. */
const lookMillis = 100

export class Backlog {
  /** The first is taken first. */
  readonly #ready = new Set<ConversationId>()
  /** Until when each rests. */
  readonly #sleeping = new Map<ConversationId, number>()
  /** Those in hand, and whether there was news of them meanwhile. */
  readonly #busy = new Map<ConversationId, boolean>()
  readonly #wake: () => void
  #nextDue = Number.POSITIVE_INFINITY
  /** Something is not in here, and only the store knows what. */
  #isPartial = true

  /** `wake` is told when there is something to take, or to look for. */
  constructor(wake: () => void) {
    this.#wake = wake
  }

  /** How many are known to have something to take. */
  get size(): number {
    return this.#ready.size + this.#sleeping.size + this.#busy.size
  }

  get isPartial(): boolean {
    return this.#isPartial
  }

  /** Room for what a look through the store finds. */
  get hasRoom(): boolean {
    return this.#ready.size < maxReady / 2
  }

  note(conversation: ConversationId): void {
    if (this.#busy.has(conversation)) return void this.#busy.set(conversation, true)
    // Whatever is new there comes after what it rests for.
    if (this.#sleeping.has(conversation) || this.#ready.has(conversation)) return
    if (this.#ready.size >= maxReady) this.#isPartial = true
    else this.#ready.add(conversation)
    this.#wake()
  }

  missed(): void {
    this.#isPartial = true
    this.#wake()
  }

  /** The store is looked through from here on; what does not fit from now on needs another look. */
  looking(): void {
    this.#isPartial = false
  }

  /** One that is ready, which is in hand until it is put back. */
  take(now: number): ConversationId | undefined {
    if (now >= this.#nextDue) this.#wakeDue(now)
    const [conversation] = this.#ready
    if (conversation === undefined) return undefined
    this.#ready.delete(conversation)
    this.#busy.set(conversation, false)
    return conversation
  }

  /** Nothing is left of it, unless there was news meanwhile. */
  done(conversation: ConversationId): void {
    const hasNews = this.#busy.get(conversation) === true
    this.#busy.delete(conversation)
    if (hasNews) this.note(conversation)
  }

  /** There is more of it, and others have their turn. */
  again(conversation: ConversationId): void {
    this.#busy.delete(conversation)
    this.note(conversation)
  }

  /** It rests until then. */
  sleep(conversation: ConversationId, until: number): void {
    this.#busy.delete(conversation)
    if (this.#sleeping.size >= maxSleeping) {
      this.#isPartial = true
      return
    }
    this.#sleeping.set(conversation, until)
    this.#nextDue = Math.min(this.#nextDue, until)
    this.#wake()
  }

  /** Nobody rests any more; or this one does not. */
  rouse(conversation?: ConversationId): void {
    const roused = conversation === undefined ? Array.from(this.#sleeping.keys()) : [conversation]
    for (const each of roused) if (this.#sleeping.delete(each)) this.note(each)
  }

  /** When `take` may find something that it does not find now. */
  get nextDue(): number {
    return this.#ready.size > 0 ? 0 : this.#nextDue
  }

  #wakeDue(now: number): void {
    let next = Number.POSITIVE_INFINITY
    for (const [conversation, until] of this.#sleeping) {
      if (until > now) next = Math.min(next, until)
      else {
        this.#sleeping.delete(conversation)
        this.note(conversation)
      }
    }
    this.#nextDue = Math.max(next, now + lookMillis)
    if (this.#sleeping.size === 0) this.#nextDue = Number.POSITIVE_INFINITY
  }
}
