/** What one commit told, and those that came too early. */
import type { ConversationId } from "../../domain/Ids.ts"
import type { Epoch, Position } from "../storage/Journal.ts"

/** What has its place in the log of a conversation. */
export interface LogItem {
  readonly conversation: ConversationId
  readonly seq: number
  /** Which commit wrote what is before it in the log; `undefined` where nothing has to be waited for. */
  readonly after?: Position
}

export interface Publication<Item extends LogItem, Note> extends Position {
  /** The offset of the publication before this one that was for this receiver. */
  readonly prev: number
  readonly items: ReadonlyArray<Item>
  readonly notes: ReadonlyArray<Note>
}

export interface EarlyBounds {
  readonly publications: number
  readonly items: number
}

/** Publications before which others are missing, of each epoch in rising order. */
export class EarlyPublications<Item extends LogItem, Note> {
  readonly #byEpoch = new Map<Epoch, Array<Publication<Item, Note>>>()
  readonly #bounds: EarlyBounds
  #size = 0
  #items = 0

  /** Overflow policy: what comes past a bound is dropped; it is in the journal. */
  constructor(bounds: EarlyBounds) {
    this.#bounds = bounds
  }

  add(publication: Publication<Item, Note>): void {
    const { epoch, items, offset, prev } = publication
    const known = this.#byEpoch.get(epoch)
    let at = known?.length ?? 0
    while (at > 0 && known![at - 1]!.offset >= offset) at--
    const same = known?.[at]
    if (same?.offset === offset) {
      // The same commit; the one that asks for less before it comes first.
      if (prev < same.prev) known![at] = { ...same, prev }
      return
    }
    if (this.#size >= this.#bounds.publications || this.#items + items.length > this.#bounds.items) return
    if (known === undefined) this.#byEpoch.set(epoch, [publication])
    else known.splice(at, 0, publication)
    this.#size++
    this.#items += items.length
  }

  /** Takes the first one that follows this position, and forgets those that do not any more. */
  next(epoch: Epoch, position: number): Publication<Item, Note> | undefined {
    const known = this.#byEpoch.get(epoch)
    if (known === undefined) return undefined
    let passed = 0
    while (passed < known.length && known[passed]!.offset <= position) passed++
    const first = known[passed]
    const found = first !== undefined && first.prev <= position ? first : undefined
    if (found !== undefined) passed++
    this.#forgot(known.splice(0, passed))
    if (known.length === 0) this.#byEpoch.delete(epoch)
    return found
  }

  drop(epoch: Epoch): void {
    this.#forgot(this.#byEpoch.get(epoch) ?? [])
    this.#byEpoch.delete(epoch)
  }

  #forgot(publications: ReadonlyArray<Publication<Item, Note>>): void {
    this.#size -= publications.length
    for (const { items } of publications) this.#items -= items.length
  }
}
