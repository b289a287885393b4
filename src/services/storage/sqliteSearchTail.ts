/** The newest texts, which are in no block yet: their words are kept in memory once somebody has looked for something. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import type { EntryRow } from "./Rows.ts"
import { indexWordsOf } from "./searchWords.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

export interface TailText {
  readonly conversation: ConversationId
  readonly seq: number
  readonly at: number
  readonly sender: UserId
  readonly words: ReadonlySet<string>
}

/** Rows read in one step, and what each costs of a turn (`longReads.ts`): it is read in two tables and its words are made. */
const step = 128
const entriesPerRow = 16

/** Of a row whose text is gone only the id is there. */
type PendingRow = { readonly id: number } & EntryRow

const newer = `SELECT p.id, ${entryColumnsOfE} FROM search_pending p
  LEFT JOIN entries e ON e.conversation = p.conversation AND e.seq = p.seq AND e.kind = 'text' AND e.flag = 0
  WHERE p.id > ?1 ORDER BY p.id LIMIT ${step}`

export class SearchTail {
  readonly #sql: Sql
  readonly #reads: LongReads
  readonly #texts = new Map<number, TailText>()
  #last = 0

  constructor(sql: Sql, reads: LongReads) {
    this.#sql = sql
    this.#reads = reads
  }

  get texts(): Iterable<TailText> {
    return this.#texts.values()
  }

  /** The rows up to this one are in a block. */
  forget(upTo: number): void {
    for (const id of this.#texts.keys()) if (id <= upTo) this.#texts.delete(id)
    if (this.#last < upTo) this.#last = upTo
  }

  /** With all that is committed by the last of its reads. */
  readonly sync = Effect.fnUntraced({ self: this }, function*(): Effect.fn.Return<void, SqlError.SqlError> {
    while (true) {
      const rows = yield* this.#reads.step(
        this.#sql.unsafe<PendingRow>(newer, [this.#last]),
        (found) => found.length * entriesPerRow
      )
      for (const row of rows) {
        // Another look may have been faster.
        if (row.id <= this.#last) continue
        this.#last = row.id
        if (row.message_id === null) continue
        const { at, conversation, id, sender, seq } = row
        this.#texts.set(id, { conversation, seq, at, sender, words: indexWordsOf(row) })
      }
      if (rows.length < step) return
    }
  })
}
