/** What users are to each other and to the server, in SQL: where they stand, when they were here, bans. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import type { Ban, LastSeen, MemberPosition } from "./MessageStore.ts"
import { blockedEitherWay, blocks, setBlock } from "./sqlBlocks.ts"
import { numbers, overRows } from "./SqlRows.ts"
import { makeVisibleTo } from "./sqlVisibleTo.ts"

type Result<A> = Effect.Effect<A, SqlError.SqlError>

interface PositionRow {
  readonly user_id: UserId
  readonly joined_seq: number
  readonly delivered_seq: number
  readonly read_seq: number
  /** How far the member was when they blocked the reader; `null` without a block. */
  readonly held_delivered: number | null
  readonly held_read: number | null
  /** How far the member was when the reader blocked them. */
  readonly seen_delivered: number | null
  readonly seen_read: number | null
}

const positions = (
  sql: Sql,
  conversation: ConversationId,
  reader: UserId
): Result<ReadonlyArray<MemberPosition>> =>
  Effect.map(
    sql<PositionRow>`SELECT m.user_id, m.joined_seq, m.delivered_seq, m.read_seq,
        b.delivered_seq AS held_delivered, b.read_seq AS held_read,
        r.other_delivered_seq AS seen_delivered, r.other_read_seq AS seen_read
      FROM members m
      LEFT JOIN block_spans b ON b.user_id = m.user_id AND b.blocked = ${reader} AND b.until IS NULL
      LEFT JOIN block_spans r ON r.user_id = ${reader} AND r.blocked = m.user_id AND r.until IS NULL
      WHERE m.conversation = ${conversation} AND m.left_seq IS NULL ORDER BY m.user_id`,
    (rows) => {
      const group = Conversation.isGroup(conversation)
      return rows.map(numbers).map((row) => {
        const { held_delivered, held_read, joined_seq, seen_delivered, seen_read, user_id: user } = row
        // Nothing is known of a group's members from before the block.
        if (group && (held_read !== null || seen_read !== null)) {
          return { user, delivered: joined_seq - 1, read: joined_seq - 1 }
        }
        return {
          user,
          delivered: Math.min(row.delivered_seq, held_delivered ?? Infinity, seen_delivered ?? Infinity),
          read: Math.min(row.read_seq, held_read ?? Infinity, seen_read ?? Infinity)
        }
      })
    }
  )

/** The newest of what is kept, whatever the clock says by now. */
const latest = Effect.fnUntraced(function*(sql: Sql, now: number): Effect.fn.Return<number, SqlError.SqlError> {
  const entries = yield* sql<{ at: number | null }>`
    SELECT max(at) AS at FROM ${sql.literal(dialectOf(sql).newestEntries)} WHERE at > ${now}`
  const spans = yield* sql<{ at: number | null }>`SELECT max(COALESCE(until, since)) AS at FROM block_spans`
  return Math.max(now, ...[...entries, ...spans].map((row) => numbers(row).at ?? now))
})

const putLastSeen = (sql: Sql, seen: ReadonlyArray<LastSeen>): Result<void> =>
  Effect.asVoid(
    overRows(sql, {
      key: "put last seen",
      types: ["text", "int8"],
      template: (values) =>
        `INSERT INTO last_seen (user_id, at) VALUES ${values} ON CONFLICT (user_id) DO UPDATE SET at = excluded.at`
    }, seen.map(({ at, user }) => [user, at]))
  )

const lastSeen = (sql: Sql, users: ReadonlyArray<UserId>): Result<ReadonlyArray<LastSeen>> =>
  Effect.map(
    overRows<LastSeen>(
      sql,
      {
        key: "last seen",
        types: ["text"],
        template: (values) =>
          `SELECT l.user_id AS "user", l.at FROM (VALUES ${values}) AS v JOIN last_seen l ON l.user_id = v.column1`
      },
      users.map((user) => [user])
    ),
    (rows) => rows.map(numbers).map(({ at, user }) => ({ user, at }))
  )

interface BanRow extends Pick<Ban, "kind" | "id" | "at"> {
  readonly until: number | null
  readonly reason: string | null
}

const banOf = ({ at, id, kind, reason, until }: BanRow): Ban => ({
  kind,
  id,
  at,
  ...(until === null ? undefined : { until }),
  ...(reason === null ? undefined : { reason })
})

const putBan = (sql: Sql, { at, id, kind, reason, until }: Ban): Result<void> =>
  Effect.asVoid(
    sql`INSERT INTO bans (kind, id, until, reason, at) VALUES (${kind}, ${id}, ${until ?? null}, ${
      reason ?? null
    }, ${at})
      ON CONFLICT (kind, id) DO UPDATE SET until = excluded.until, reason = excluded.reason, at = excluded.at`
  )

const removeBan = (sql: Sql, { id, kind }: Pick<Ban, "kind" | "id">): Result<boolean> =>
  Effect.map(sql`DELETE FROM bans WHERE kind = ${kind} AND id = ${id} RETURNING id`, (rows) => rows.length > 0)

const bans = (sql: Sql): Result<ReadonlyArray<Ban>> =>
  Effect.map(
    sql<BanRow>`SELECT kind, id, until, reason, at FROM bans ORDER BY at, kind, id`,
    (rows) => rows.map((row) => banOf(numbers(row)))
  )

/** The part of the store that is about people. */
export const people = (sql: Sql) => ({
  latest: (now: number) => latest(sql, now),
  blocks: (user: UserId) => blocks(sql, user),
  setBlock: (user: UserId, blocked: UserId, on: boolean, at: number) => setBlock(sql, user, blocked, on, at),
  positions: (conversation: ConversationId, reader: UserId) => positions(sql, conversation, reader),
  visibleTo: makeVisibleTo(sql),
  blockedEitherWay: (user: UserId, others: ReadonlyArray<UserId>) => blockedEitherWay(sql, user, others),
  putLastSeen: (seen: ReadonlyArray<LastSeen>) => putLastSeen(sql, seen),
  lastSeen: (users: ReadonlyArray<UserId>) => lastSeen(sql, users),
  putBan: (ban: Ban) => putBan(sql, ban),
  removeBan: (subject: Pick<Ban, "kind" | "id">) => removeBan(sql, subject),
  bans: Effect.suspend(() => bans(sql))
})
