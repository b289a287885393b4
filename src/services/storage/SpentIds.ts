/** The ids of entries that the memory store has dropped: a retry is known although what it repeats is gone (P3). */
import type { ClientId, UserId } from "../../domain/Ids.ts"
import { type EntryRow, fingerprintOf, isPlain } from "./Rows.ts"

/** The newest so many, whoever used them. */
const maxSpent = 65_536
/** A text up to this long is kept as it is: that is smaller than its fingerprint is dear. */
const shortText = 256

export class SpentIds {
  readonly #of = new Map<UserId, Map<ClientId, EntryRow>>()
  /** In the order in which they were dropped; a ring, so that forgetting the oldest costs nothing. */
  readonly #ring: Array<EntryRow> = []
  #next = 0

  of(sender: UserId, clientId: ClientId): EntryRow | undefined {
    return this.#of.get(sender)?.get(clientId)
  }

  add(row: EntryRow): void {
    const kept = isPlain(row) && (row.body === null || row.body.length <= shortText)
      ? row
      : { ...row, body: null, attachments: null, mentions: null, data: null, original: fingerprintOf(row) }
    const oldest = this.#ring[this.#next]
    if (oldest !== undefined) this.#remove(oldest)
    this.#ring[this.#next] = kept
    this.#next = (this.#next + 1) % maxSpent
    let mine = this.#of.get(kept.sender)
    if (mine === undefined) this.#of.set(kept.sender, mine = new Map())
    mine.set(kept.client_id!, kept)
  }

  forget(user: UserId): void {
    this.#of.delete(user)
    for (const [i, row] of this.#ring.entries()) {
      if (row.sender === user) this.#ring[i] = { ...row, body: null, original: null }
    }
  }

  #remove(row: EntryRow): void {
    const mine = this.#of.get(row.sender)
    if (mine?.get(row.client_id!) !== row) return
    mine.delete(row.client_id!)
    if (mine.size === 0) this.#of.delete(row.sender)
  }
}
