/** What some commits have to know beside the rows that they change. */
import type { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { overRows, type Sql } from "./SqlRows.ts"

interface SpanRow {
  readonly user_id: UserId
  readonly blocked: UserId
  readonly since: number
  readonly until: number | null
}

interface RosterRow {
  readonly conversation: ConversationId
  readonly size: number
  readonly owners: number
}

/** How many are in each group, and how many of them own it. */
export const rostersOf = (
  sql: Sql,
  conversations: Iterable<ConversationId>
): Effect.Effect<ReadonlyArray<RosterRow>, SqlError.SqlError> =>
  overRows<RosterRow>(sql, {
    key: "rosters",
    types: ["text"],
    template: (values) =>
      `SELECT m.conversation, count(*) AS size, count(CASE WHEN m.role = 'owner' THEN 1 END) AS owners
       FROM (VALUES ${values}) AS v JOIN members m ON m.conversation = v.column1
       WHERE m.left_seq IS NULL GROUP BY m.conversation`
  }, Array.from(conversations, (conversation) => [conversation]))

/** The blocks of each first against each second. */
export const spansOf = (
  sql: Sql,
  pairs: Iterable<ReadonlyArray<string>>
): Effect.Effect<ReadonlyArray<SpanRow>, SqlError.SqlError> =>
  overRows<SpanRow>(sql, {
    key: "block spans",
    types: ["text", "text"],
    template: (values) =>
      `SELECT b.user_id, b.blocked, b.since, b.until FROM (VALUES ${values}) AS v
       JOIN block_spans b ON b.user_id = v.column1 AND b.blocked = v.column2`
  }, Array.from(pairs))
