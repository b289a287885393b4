/** What users may know of each other, in SQL: where they stand, and when they were here last. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import type { LastSeen } from "./MessageStore.ts"
import { positionOf, type PositionRow } from "./readRules.ts"
import { byKey, numbers, overRows } from "./SqlRows.ts"

const put = {
  key: "put last seen",
  types: ["text", "int8"] as const,
  template: (values: string) =>
    `INSERT INTO last_seen (user_id, at) VALUES ${values}
     ON CONFLICT (user_id) DO UPDATE SET at = excluded.at WHERE excluded.at > last_seen.at`
}

const read = {
  key: "last seen",
  types: ["text"] as const,
  template: (values: string) =>
    `SELECT l.user_id AS "user", l.at FROM (VALUES ${values}) AS v JOIN last_seen l ON l.user_id = v.column1`
}

export const relations = (sql: Sql) => ({
  positions: (conversation: ConversationId, reader: UserId) =>
    Effect.map(
      sql<PositionRow>`SELECT m.user_id, m.joined_seq, m.delivered_seq,
          CASE WHEN m.user_id = ${reader} THEN m.read_seq ELSE COALESCE(m.shown_read_seq, m.read_seq) END AS read_seq,
          b.delivered_seq AS held_delivered, b.read_seq AS held_read,
          r.other_delivered_seq AS seen_delivered, r.other_read_seq AS seen_read
        FROM members m
        LEFT JOIN block_spans b ON b.user_id = m.user_id AND b.blocked = ${reader} AND b.until IS NULL
        LEFT JOIN block_spans r ON r.user_id = ${reader} AND r.blocked = m.user_id AND r.until IS NULL
        WHERE m.conversation = ${conversation} AND m.left_seq IS NULL ORDER BY m.user_id`,
      (rows) => {
        const isGroup = Conversation.isGroup(conversation)
        return rows.map((row) => positionOf(numbers(row), isGroup))
      }
    ),

  /** The newest of what is kept, whatever the clock says by now. */
  latest: Effect.fnUntraced(function*(now: number): Effect.fn.Return<number, SqlError.SqlError> {
    const entries = yield* sql<{ at: number | null }>`
      SELECT max(at) AS at FROM ${sql.literal(dialectOf(sql).newestEntries)} WHERE at > ${now}`
    const spans = yield* sql<{ at: number | null }>`SELECT max(COALESCE(until, since)) AS at FROM block_spans`
    return Math.max(now, ...[...entries, ...spans].map((row) => numbers(row).at ?? now))
  }),

  putLastSeen: (seen: ReadonlyArray<LastSeen>) =>
    Effect.asVoid(overRows(sql, put, seen.toSorted(byKey(({ user }) => user)).map(({ at, user }) => [user, at]))),

  lastSeen: (users: ReadonlyArray<UserId>) =>
    Effect.map(
      overRows<LastSeen>(sql, read, users.map((user) => [user])),
      (rows) => rows.map(numbers).map(({ at, user }) => ({ user, at }))
    )
})
