/**
 * What a bus has heard and nobody has taken yet. The queue itself has no bound, because none counts bytes: it is kept here,
 * and past it the oldest goes and a `Gap` says so.
 */
import { Effect, MutableList, Queue } from "effect"
import { type BusEvent, maxWaitingBytes } from "./Bus.ts"

const maxEvents = 16_384
/** In UTF-16 units, of which most take one byte in memory. */
const maxLength = maxWaitingBytes

/** In place of a length. */
const ofGap = -1

const gap: BusEvent = { _tag: "Gap" }

export class BusEvents {
  readonly queue: Queue.Dequeue<BusEvent>
  readonly #queue: Queue.Queue<BusEvent>
  /** Of those in the queue, as far as `#settle` knows. */
  readonly #lengths = MutableList.make<number>()
  #length = 0
  #gaps = 0

  constructor(queue: Queue.Queue<BusEvent>) {
    this.#queue = queue
    this.queue = queue
  }

  static readonly make: Effect.Effect<BusEvents> = Effect.map(
    Queue.unbounded<BusEvent>(),
    (queue) => new BusEvents(queue)
  )

  heard(message: string): void {
    this.#settle()
    let lost = false
    while (this.#lengths.length >= maxEvents || this.#length + message.length > maxLength) {
      lost = true
      Queue.takeUnsafe(this.#queue)
      this.#settle()
    }
    this.#length += message.length
    MutableList.append(this.#lengths, message.length)
    Queue.offerUnsafe(this.#queue, { _tag: "Heard", message })
    if (lost) this.gap()
  }

  /** One that is still waiting says it as well: whoever takes it looks then. */
  gap(): void {
    this.#settle()
    if (this.#gaps > 0) return
    this.#gaps++
    MutableList.append(this.#lengths, ofGap)
    Queue.offerUnsafe(this.#queue, gap)
  }

  /** Events are taken without a word to us, always the first of them. */
  #settle(): void {
    for (let taken = this.#lengths.length - Queue.sizeUnsafe(this.#queue); taken > 0; taken--) {
      const length = MutableList.take(this.#lengths)
      if (length === ofGap) this.#gaps--
      else if (length !== MutableList.Empty) this.#length -= length
    }
  }
}
