/** Who of those that have read something reads privately or had it marked: one read for a commit, and none without one. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { CursorMove } from "./MessageStore.ts"
import type { CommitReaders } from "./preferenceRules.ts"
import { byKey, numbers, overRows } from "./SqlRows.ts"

interface Found {
  readonly user_id: UserId
  readonly conversation: ConversationId
  readonly private: number
  readonly marked: number
}

const read = {
  key: "readers",
  types: ["text", "text"] as const,
  template: (values: string) =>
    `SELECT v.column1 AS user_id, v.column2 AS conversation, CASE WHEN r.user_id IS NULL THEN 0 ELSE 1 END AS private,
       COALESCE(f.marked_unread, 0) AS marked
     FROM (VALUES ${values}) AS v
     LEFT JOIN private_readers r ON r.user_id = v.column1
     LEFT JOIN preferences f ON f.user_id = v.column1 AND f.conversation = v.column2
     WHERE r.user_id IS NOT NULL OR f.marked_unread = 1`
}

const unmark = {
  key: "unmark",
  types: ["text", "text"] as const,
  template: (values: string) =>
    `UPDATE preferences SET marked_unread = 0 FROM (VALUES ${values}) AS v
     WHERE preferences.user_id = v.column1 AND preferences.conversation = v.column2`
}

const keyOf = (user: UserId, conversation: ConversationId): string => `${user}\0${conversation}`

export class SqlCommitReaders implements CommitReaders {
  readonly #private = new Set<UserId>()
  readonly #marked = new Set<string>()
  readonly #unmarked = new Map<string, readonly [UserId, ConversationId]>()

  readsPrivately(user: UserId): boolean {
    return this.#private.has(user)
  }

  isMarkedUnread(user: UserId, conversation: ConversationId): boolean {
    return this.#marked.has(keyOf(user, conversation))
  }

  unmark(user: UserId, conversation: ConversationId): void {
    const key = keyOf(user, conversation)
    this.#marked.delete(key)
    this.#unmarked.set(key, [user, conversation])
  }

  readonly fetch = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, moves: ReadonlyArray<CursorMove>): Effect.fn.Return<void, SqlError.SqlError> {
      const reads = moves.filter(({ kind }) => kind === "read")
      if (reads.length === 0) return
      const rows = yield* overRows<Found>(sql, read, reads.map(({ conversation, user }) => [user, conversation]))
      for (const row of rows.map(numbers)) {
        if (row.private === 1) this.#private.add(row.user_id)
        if (row.marked === 1) this.#marked.add(keyOf(row.user_id, row.conversation))
      }
    }
  )

  get touched(): boolean {
    return this.#unmarked.size > 0
  }

  flush(sql: Sql): Effect.Effect<void, SqlError.SqlError> {
    const rows = Array.from(this.#unmarked).toSorted(byKey(([key]) => key)).map(([, row]) => row)
    return Effect.asVoid(overRows(sql, unmark, rows))
  }
}
