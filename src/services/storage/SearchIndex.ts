/**
 * What keeps a database's search index right: it is told of each change of a text in the transaction that makes it. So a
 * text is found from its commit on, and what is gone is gone from the index too.
 */
import type { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { EntryRow } from "./Rows.ts"

type Told = Effect.Effect<unknown, SqlError.SqlError>

export interface SearchIndex {
  /**
   * A commit has written these: `added` are entries of all kinds, `changed` are texts that were edited, or deleted, as they
   * are from now on. What was added and changed in one commit is only in `added`.
   */
  readonly written: (sql: Sql, added: ReadonlyArray<EntryRow>, changed: ReadonlyArray<EntryRow>) => Told
  /** Before an erasure takes what this user said from these places, both included. */
  readonly wiped: (sql: Sql, conversation: ConversationId, user: UserId, from: number, to: number) => Told
  /** Before all entries go that stand before `kept`. */
  readonly trimmed: (sql: Sql, conversation: ConversationId, kept: number) => Told
}
