/** Items of one conversation that wait, and what they wait for. */
import type { ConversationId } from "../../domain/Ids.ts"
import type { Epoch, Position } from "../storage/Journal.ts"
import type { LogItem } from "./Publication.ts"

/** In the order of the log. */
export class Line<Item extends LogItem> {
  readonly conversation: ConversationId
  /** An item is being delivered by somebody else, who says when it was. */
  isUnderWay = false
  /** Before the first of them may be delivered. */
  waitsFor: Position | undefined
  #items: Array<Item> = []
  /** Those before it have gone; the list is not moved for each of them. */
  #first = 0

  constructor(conversation: ConversationId) {
    this.conversation = conversation
  }

  get size(): number {
    return this.#items.length - this.#first
  }

  get first(): Item | undefined {
    return this.#items[this.#first]
  }

  add(item: Item): void {
    let at = this.#items.length
    while (at > this.#first && this.#items[at - 1]!.seq > item.seq) at--
    if (at === this.#items.length) this.#items.push(item)
    else this.#items.splice(at, 0, item)
  }

  shift(): void {
    this.#first++
    if (this.#first < 64 || this.#first * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#first)
    this.#first = 0
  }

  clear(): void {
    this.#items = []
    this.#first = 0
  }
}

/** Lines by the position that they wait for, so that nobody looks at all of them when one is reached. */
export class WaitingLines<Item extends LogItem> {
  readonly #byEpoch = new Map<Epoch, Map<number, Set<Line<Item>>>>()

  has(epoch: Epoch): boolean {
    return this.#byEpoch.has(epoch)
  }

  get epochs(): Iterable<Epoch> {
    return this.#byEpoch.keys()
  }

  add(line: Line<Item>, position: Position): void {
    const { epoch, offset } = position
    let offsets = this.#byEpoch.get(epoch)
    if (offsets === undefined) this.#byEpoch.set(epoch, offsets = new Map())
    const lines = offsets.get(offset)
    if (lines === undefined) offsets.set(offset, new Set([line]))
    else lines.add(line)
    line.waitsFor = position
  }

  remove(line: Line<Item>): void {
    if (line.waitsFor === undefined) return
    const { epoch, offset } = line.waitsFor
    line.waitsFor = undefined
    const offsets = this.#byEpoch.get(epoch)
    const lines = offsets?.get(offset)
    lines?.delete(line)
    if (lines?.size === 0) offsets!.delete(offset)
    if (offsets?.size === 0) this.#byEpoch.delete(epoch)
  }

  /** Takes those that waited for this epoch, after `from` and up to `to`, in that order. */
  reached(epoch: Epoch, from: number, to: number): ReadonlyArray<Line<Item>> {
    const offsets = this.#byEpoch.get(epoch)
    if (offsets === undefined) return []
    // Whichever is less to look at.
    const passed = to - from <= offsets.size
      ? Array.from({ length: to - from }, (_, i) => from + 1 + i)
      : Array.from(offsets.keys()).filter((offset) => offset <= to).sort((a, b) => a - b)
    const found: Array<Line<Item>> = []
    for (const offset of passed) {
      for (const line of offsets.get(offset) ?? []) {
        line.waitsFor = undefined
        found.push(line)
      }
      offsets.delete(offset)
    }
    if (offsets.size === 0) this.#byEpoch.delete(epoch)
    return found
  }

  clear(): void {
    this.#byEpoch.clear()
  }
}
