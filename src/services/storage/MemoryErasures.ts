/** Which names were erased, and where each ended in each conversation, in the order of the erasures. */
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Erasure } from "./MessageStore.ts"

/** As many are told at once. */
const page = 1_000

interface Row extends Erasure {
  readonly seq: number
}

export class MemoryErasures {
  readonly #rows = new Map<UserId, Map<ConversationId | undefined, Row>>()
  #last = 0

  /** Without a conversation it is the user as a whole. An earlier one of the same is replaced. */
  note(user: UserId, conversation: ConversationId | undefined, seq: number): void {
    const id = ++this.#last
    let rows = this.#rows.get(user)
    if (rows === undefined) this.#rows.set(user, rows = new Map())
    rows.set(conversation, conversation === undefined ? { id, user, seq } : { id, user, seq, conversation })
  }

  /** Those after that one, in order; without one the last. */
  after(last: number | undefined): ReadonlyArray<Erasure> {
    const all = Array.from(this.#rows.values(), (each) => Array.from(each.values())).flat()
      .sort((a, b) => a.id - b.id)
    return (last === undefined ? all.slice(-1) : all.filter(({ id }) => id > last).slice(0, page))
      .map(({ conversation, id, user }) => conversation === undefined ? { id, user } : { id, user, conversation })
  }

  /** The last place of whoever had the name before. */
  endOf(user: UserId, conversation: ConversationId): number {
    return this.#rows.get(user)?.get(conversation)?.seq ?? 0
  }
}
