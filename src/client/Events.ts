/** What waits for the application. An event counts as taken once the application asks for the next one. */
import { type Cause, Effect, Queue, Stream } from "effect"
import type { Log } from "./Log.ts"
import type { ChatEvent } from "./types.ts"

interface Item {
  readonly event: ChatEvent
  /** The log and the entry that the event tells of; `undefined` for what is in no log. */
  readonly log: Log | undefined
  readonly seq: number
}

/** More entries of logs than this do not wait in memory: they are read from the history when there is room again. */
const maxWaiting = 2_000

export class Events {
  readonly #queue: Queue.Queue<Item, Cause.Done>
  readonly #onTaken: (log: Log) => void
  /** What the application is busy with. */
  #current: Item | undefined
  /** Whether anybody ever listened. */
  #wanted = false

  private constructor(queue: Queue.Queue<Item, Cause.Done>, onTaken: (log: Log) => void) {
    this.#queue = queue
    this.#onTaken = onTaken
  }

  static readonly make = (onTaken: (log: Log) => void) =>
    Effect.map(Queue.unbounded<Item, Cause.Done>(), (queue) => new Events(queue, onTaken))

  get isFull(): boolean {
    return Queue.sizeUnsafe(this.#queue) >= maxWaiting
  }

  /** Whether so much has been taken that reading pays again. */
  get hasRoom(): boolean {
    return Queue.sizeUnsafe(this.#queue) < maxWaiting / 2
  }

  /** Whether there is an application that takes them. */
  get isWanted(): boolean {
    return this.#wanted
  }

  /** `log` knows that the application is told of it. */
  offer(event: ChatEvent, log?: Log, seq = 0): void {
    Queue.offerUnsafe(this.#queue, { event, log, seq })
  }

  /** What became of the application's own messages; one that never listens does not want to know. */
  offerOwn(event: ChatEvent, log?: Log, seq?: number): void {
    if (this.#wanted || !this.isFull) this.offer(event, log, seq)
  }

  /** Only the latest of these matters, so they are dropped when nobody takes them. */
  offerLive(event: ChatEvent): void {
    if (!this.isFull) this.offer(event)
  }

  end(): void {
    Queue.endUnsafe(this.#queue)
  }

  /**
   * One after the other. An event whose consumer went away before it asked for the next one comes again to the next
   * consumer, so run this once at a time and share the result.
   */
  readonly stream: Stream.Stream<ChatEvent> = Stream.fromPull(Effect.sync(() => {
    let first = true
    this.#wanted = true
    return Effect.suspend(() => {
      if (!first) this.#taken()
      first = false
      if (this.#current !== undefined) return Effect.succeed([this.#current.event] as const)
      return Effect.map(Queue.take(this.#queue), (item) => {
        this.#current = item
        return [item.event] as const
      })
    })
  }))

  #taken(): void {
    const item = this.#current
    this.#current = undefined
    if (item?.log === undefined) return
    item.log.took(item.seq)
    this.#onTaken(item.log)
  }
}
