/**
 * What was said to people who have browsers to be told, and not confirmed by them yet, in memory: whoever crashes forgets
 * it, because what is told late is worth nothing. Overflow policy: past the bound a conversation is passed over, and counted.
 */
import type { ConversationId, UserId } from "../../domain/Ids.ts"

/** Conversations in which something waits. */
const maxConversations = 10_000
/** Texts said within so long wait together, for the last of them. */
const togetherMillis = 1_000

interface Mark {
  /** The last of those that wait together, and when the first of them was said. */
  seq: number
  readonly since: number
  at: number
}

export interface Waiting {
  readonly conversation: ConversationId
  /** The first text that waits. */
  from: number
  /** In the order of the log. */
  marks: Array<Mark>
  readonly users: Set<UserId>
  /** How far each was told. */
  readonly told: Map<UserId, number>
}

export class Unconfirmed {
  readonly #waitMillis: number
  readonly #dropped: () => void
  readonly #conversations = new Map<ConversationId, Waiting>()

  constructor(waitMillis: number, dropped: () => void) {
    this.#waitMillis = waitMillis
    this.#dropped = dropped
  }

  get isEmpty(): boolean {
    return this.#conversations.size === 0
  }

  /** `now` is by the monotonic clock. */
  add(conversation: ConversationId, seq: number, users: ReadonlyArray<UserId>, now: number): void {
    let waiting = this.#conversations.get(conversation)
    if (waiting === undefined) {
      if (this.#conversations.size >= maxConversations) return this.#dropped()
      waiting = { conversation, from: seq, marks: [], users: new Set(), told: new Map() }
      this.#conversations.set(conversation, waiting)
    }
    for (const user of users) waiting.users.add(user)
    const last = waiting.marks.at(-1)
    if (last !== undefined && now - last.since < togetherMillis) Object.assign(last, { seq, at: now })
    else waiting.marks.push({ seq, since: now, at: now })
  }

  /** Those in which something has waited for long enough. */
  ripe(now: number): ReadonlyArray<Waiting> {
    return Array.from(this.#conversations.values()).filter(({ marks }) => this.#isRipe(marks[0], now))
  }

  /** The last text of it that has waited for long enough. */
  ripeSeq({ marks }: Waiting, now: number): number {
    return marks.findLast((mark) => this.#isRipe(mark, now))?.seq ?? 0
  }

  /** What is up to there has been looked at. */
  settle(waiting: Waiting, seq: number): void {
    waiting.marks = waiting.marks.filter((mark) => mark.seq > seq)
    waiting.from = seq + 1
    if (waiting.marks.length === 0) this.#conversations.delete(waiting.conversation)
  }

  #isRipe(mark: Mark | undefined, now: number): boolean {
    return mark !== undefined && now - mark.at >= this.#waitMillis
  }
}
