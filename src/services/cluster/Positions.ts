/**
 * How far this server has come in the journal, epoch by epoch, and what has to wait for something that is missing. Told
 * of commits in any order and any number of times, it delivers their items in the order of the log of each conversation.
 * No clock, no store and no bus: those who have them tell it, and ask the journal for what it wants.
 */
import type { ConversationId } from "../../domain/Ids.ts"
import type { Epoch, Position } from "../storage/Journal.ts"
import { KnownEpochs } from "./KnownEpochs.ts"
import { Line, WaitingLines } from "./Line.ts"
import { EarlyPublications, type LogItem, type Publication } from "./Publication.ts"

export type { LogItem, Publication } from "./Publication.ts"

/** What may wait. */
export interface PositionsBounds {
  /** Publications before which others are missing, and their items. Overflow policy: the newest is dropped. */
  readonly early: number
  readonly earlyItems: number
  /** Items of conversations that wait. Overflow policy: all of them are let go, and `overflowed` says so. */
  readonly waiting: number
  /** Epochs that are known to be over. Overflow policy: the oldest is forgotten, and asked for again where it matters. */
  readonly over: number
}

const defaultBounds: PositionsBounds = { early: 1_024, earlyItems: 65_536, waiting: 65_536, over: 1_024 }

export interface PositionsOptions<Item extends LogItem, Note> {
  /** Where the journal was before the first session; what it held by then is not delivered. */
  readonly known: ReadonlyMap<Epoch, number>
  /** Returns whether it was delivered at once; if not, nothing of that conversation follows until `resume`. */
  readonly deliver: (item: Item) => boolean
  readonly note: (note: Note) => void
  /**
   * Too much waited, and was let go. From this moment on, before anything else is delivered, every session has to hold
   * what comes until it has read the store again.
   */
  readonly overflowed: () => void
  readonly bounds?: Partial<PositionsBounds>
}

/** `deliver`, `note` and `overflowed` may call any of these functions: what follows from it happens when they are done. */
export class Positions<Item extends LogItem, Note> {
  readonly #options: PositionsOptions<Item, Note>
  readonly #bounds: PositionsBounds
  readonly #positions: Map<Epoch, number>
  readonly #wanted = new Set<Epoch>()
  readonly #early: EarlyPublications<Item, Note>
  /** How far each epoch is known to go, where that is further than its position. */
  readonly #ahead = new Map<Epoch, number>()
  readonly #lines = new Map<ConversationId, Line<Item>>()
  readonly #waiting = new WaitingLines<Item>()
  readonly #epochs: KnownEpochs
  #size = 0
  /** What is still to be done by whoever runs now. */
  readonly #offered: Array<Publication<Item, Note>> = []
  #ready: Array<Line<Item>> = []
  #isRunning = false
  #delivering: ConversationId | undefined
  #isResumed = false

  constructor(options: PositionsOptions<Item, Note>) {
    this.#options = options
    this.#bounds = { ...defaultBounds, ...options.bounds }
    this.#positions = new Map(options.known)
    this.#early = new EarlyPublications({ publications: this.#bounds.early, items: this.#bounds.earlyItems })
    this.#epochs = new KnownEpochs(options.known.keys(), this.#bounds.over)
  }

  /** How far it has come, which is not to say that all of it was delivered: some of it may wait here. */
  get positions(): ReadonlyMap<Epoch, number> {
    return this.#positions
  }

  /** Epochs that have a gap, or that somebody waits for: the journal has to be asked. */
  get wanted(): ReadonlySet<Epoch> {
    return this.#wanted
  }

  /** Items that wait for others before them. */
  get size(): number {
    return this.#size
  }

  /** In any order, any number of times. */
  offer(publication: Publication<Item, Note>): void {
    this.#offered.push(publication)
    this.#run()
  }

  /** The item for which `deliver` said false has been delivered. */
  resume(conversation: ConversationId): void {
    if (this.#delivering === conversation) {
      this.#isResumed = true
      return
    }
    const line = this.#lines.get(conversation)
    if (line?.isUnderWay !== true) return
    line.isUnderWay = false
    this.#ready.push(line)
    this.#run()
  }

  /** To be called before the journal is asked; `alive` wants to know when that was. */
  asking(): number {
    return this.#epochs.asking()
  }

  /**
   * These are all epochs that the journal had, when it was asked after `asking` had said `asked`, and what it had of them
   * was offered. Others are over, if they had been heard of by then: nobody need wait for them. Only for whoever has never
   * been away for as long as the journal remembers, because all of an epoch has to be read before it is forgotten.
   */
  alive(epochs: Iterable<Epoch>, asked: number): void {
    for (const epoch of this.#epochs.end(new Set(epochs), asked)) {
      this.#positions.delete(epoch)
      this.#early.drop(epoch)
      this.#ahead.delete(epoch)
      this.#release(epoch, 0, Number.POSITIVE_INFINITY)
    }
    this.#run()
  }

  /** One thing after the other, however they follow from each other. */
  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      while (true) {
        this.#lookAtReady()
        const publication = this.#offered.shift()
        if (publication === undefined) return
        this.#take(publication)
      }
    } finally {
      this.#isRunning = false
      this.#delivering = undefined
    }
  }

  #lookAtReady(): void {
    while (this.#ready.length > 0) {
      const ready = this.#ready
      this.#ready = []
      for (const line of ready) this.#look(line)
    }
  }

  #take(publication: Publication<Item, Note>): void {
    const { epoch, items, notes, offset, prev } = publication
    const position = this.#positions.get(epoch) ?? 0
    if (offset <= position || this.#epochs.isOver(epoch)) return
    this.#epochs.hear(epoch)
    if (prev > position) {
      this.#early.add(publication)
      this.#ahead.set(epoch, Math.max(offset, this.#ahead.get(epoch) ?? 0))
      return this.#want(epoch)
    }
    this.#positions.set(epoch, offset)
    // Before those that waited for it: what it brings may belong before them.
    for (const item of items) this.#takeItem(item)
    for (const note of notes) this.#options.note(note)
    const ahead = this.#ahead.get(epoch)
    if (ahead !== undefined && ahead <= offset) this.#ahead.delete(epoch)
    this.#release(epoch, position, offset)
    const next = this.#early.next(epoch, offset)
    if (next !== undefined) this.#offered.unshift(next)
  }

  #takeItem(item: Item): void {
    const line = this.#lines.get(item.conversation)
    if (line === undefined && this.#isPassed(item.after)) {
      if (!this.#deliver(item)) this.#lineOf(item.conversation).isUnderWay = true
      return
    }
    const waiting = line ?? this.#lineOf(item.conversation)
    waiting.add(item)
    this.#size++
    // Not at once: the same commit may have more of what comes before those that wait.
    if (waiting.first === item) this.#ready.push(waiting)
    if (this.#size > this.#bounds.waiting) this.#letGo()
  }

  #lineOf(conversation: ConversationId): Line<Item> {
    const line = new Line<Item>(conversation)
    this.#lines.set(conversation, line)
    return line
  }

  /** Delivers what may be delivered. */
  #look(line: Line<Item>): void {
    if (line.isUnderWay) return
    for (let item = line.first; item !== undefined; item = line.first) {
      if (!this.#isPassed(item.after)) return this.#wait(line, item.after!)
      line.shift()
      this.#size--
      if (!this.#deliver(item)) {
        line.isUnderWay = true
        return
      }
    }
    this.#lines.delete(line.conversation)
  }

  #isPassed(after: Position | undefined): boolean {
    return after === undefined || (this.#positions.get(after.epoch) ?? 0) >= after.offset ||
      this.#epochs.isOver(after.epoch)
  }

  /** Returns whether the next of its conversation may follow. */
  #deliver(item: Item): boolean {
    this.#delivering = item.conversation
    this.#isResumed = false
    const isDelivered = this.#options.deliver(item) || this.#isResumed
    this.#delivering = undefined
    return isDelivered
  }

  #wait(line: Line<Item>, position: Position): void {
    const before = line.waitsFor
    if (before?.epoch === position.epoch && before.offset === position.offset) return
    if (before !== undefined) {
      this.#waiting.remove(line)
      this.#want(before.epoch)
    }
    this.#waiting.add(line, position)
    this.#epochs.hear(position.epoch)
    this.#want(position.epoch)
  }

  #release(epoch: Epoch, from: number, to: number): void {
    for (const line of this.#waiting.reached(epoch, from, to)) this.#ready.push(line)
    this.#want(epoch)
  }

  #letGo(): void {
    for (const line of this.#lines.values()) {
      line.waitsFor = undefined
      line.clear()
      if (!line.isUnderWay) this.#lines.delete(line.conversation)
    }
    const epochs = Array.from(this.#waiting.epochs)
    this.#waiting.clear()
    for (const epoch of epochs) this.#want(epoch)
    this.#ready = []
    this.#size = 0
    this.#options.overflowed()
  }

  /** Whether the journal has to be asked for it. */
  #want(epoch: Epoch): void {
    if (this.#ahead.has(epoch) || this.#waiting.has(epoch)) this.#wanted.add(epoch)
    else if (this.#wanted.size > 0) this.#wanted.delete(epoch)
  }
}
