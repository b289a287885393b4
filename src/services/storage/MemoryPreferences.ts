/** The table of preferences in memory. */
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { type CommitReaders, isWithout, noPreferences, type PreferenceRow } from "./preferenceRules.ts"

export class MemoryPreferences implements CommitReaders {
  readonly #rows = new Map<UserId, Map<ConversationId, PreferenceRow>>()
  readonly #private = new Set<UserId>()

  readsPrivately(user: UserId): boolean {
    return this.#private.has(user)
  }

  /** Returns whether it was otherwise. */
  setPrivate(user: UserId, isPrivate: boolean): boolean {
    const was = this.#private.has(user)
    if (isPrivate) this.#private.add(user)
    else this.#private.delete(user)
    return was !== isPrivate
  }

  isMarkedUnread(user: UserId, conversation: ConversationId): boolean {
    return this.of(user, conversation)?.marked_unread === 1
  }

  unmark(user: UserId, conversation: ConversationId): void {
    this.put(user, conversation, { ...(this.of(user, conversation) ?? noPreferences), marked_unread: 0 })
  }

  of(user: UserId, conversation: ConversationId): PreferenceRow | undefined {
    return this.#rows.get(user)?.get(conversation)
  }

  put(user: UserId, conversation: ConversationId, row: PreferenceRow): void {
    let rows = this.#rows.get(user)
    if (isWithout(row)) {
      rows?.delete(conversation)
      if (rows?.size === 0) this.#rows.delete(user)
      return
    }
    if (rows === undefined) this.#rows.set(user, rows = new Map())
    rows.set(conversation, row)
  }

  erase(user: UserId): void {
    this.#rows.delete(user)
    this.#private.delete(user)
  }
}
