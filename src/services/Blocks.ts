/** Whom one user has blocked, and had blocked before: what is kept from all connections of theirs. */
import type { Entry } from "../domain/Entry.ts"
import type { UserId } from "../domain/Ids.ts"
import { blockedNow, isWithheld } from "./storage/blockSpans.ts"
import type { BlockSpan } from "./storage/MessageStore.ts"

export class Blocks {
  /** For what is read from the log. */
  readonly spans: ReadonlyArray<BlockSpan>
  readonly #now: ReadonlySet<UserId>

  private constructor(spans: ReadonlyArray<BlockSpan>) {
    this.spans = spans
    this.#now = new Set(blockedNow(spans))
  }

  /** They have not been read yet. */
  static readonly unread = new Blocks([])
  /** Shared by all who block nobody, which are most. */
  static readonly none = new Blocks([])

  static of(spans: ReadonlyArray<BlockSpan>): Blocks {
    return spans.length === 0 ? Blocks.none : new Blocks(spans)
  }

  /** Whether the other is blocked now. */
  has(user: UserId): boolean {
    return this.#now.size > 0 && this.#now.has(user)
  }

  /** Whether what was said is kept from this user: by its time, so that what is pushed equals what is read later. */
  withholds(entry: Pick<Entry, "at" | "sender">): boolean {
    return this.spans.length > 0 && isWithheld(this.spans, entry)
  }
}
