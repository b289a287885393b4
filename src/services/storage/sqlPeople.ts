/** What users are to each other and to the server, in SQL: blocks, acquaintance, when they were here, bans. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Ban, BlockSpan, LastSeen, MemberPosition } from "./MessageStore.ts"
import { isPostgres, numbers, overRows, type Sql } from "./SqlRows.ts"

type Result<A> = Effect.Effect<A, SqlError.SqlError>

interface SpanRow {
  readonly blocked: UserId
  readonly since: number
  readonly until: number | null
}

const blocks = (sql: Sql, user: UserId): Result<ReadonlyArray<BlockSpan>> =>
  Effect.map(
    sql<SpanRow>`SELECT blocked, since, until FROM block_spans WHERE user_id = ${user} ORDER BY blocked, since`,
    (rows) =>
      rows.map(numbers).map(({ blocked, since, until }) =>
        until === null ? { blocked, since } : { blocked, since, until }
      )
  )

const setBlock = Effect.fnUntraced(
  function*(sql: Sql, user: UserId, blocked: UserId, on: boolean, at: number): Effect.fn.Return<
    ReadonlyArray<BlockSpan>,
    SqlError.SqlError
  > {
    if (on) {
      const conversation = Conversation.direct(user, blocked)
      // One statement, so that two of them at once cannot both begin; a span that ended in this very millisecond goes on.
      yield* sql`INSERT INTO block_spans (user_id, blocked, since, delivered_seq, read_seq)
        SELECT v.u, v.b, v.t, COALESCE(m.delivered_seq, 0), COALESCE(m.read_seq, 0)
        FROM (SELECT CAST(${user} AS text) AS u, CAST(${blocked} AS text) AS b, CAST(${at} AS ${
        sql.literal(isPostgres(sql) ? "int8" : "integer")
      }) AS t) v
        LEFT JOIN members m ON m.user_id = v.u AND m.conversation = ${conversation}
        WHERE NOT EXISTS (SELECT 1 FROM block_spans s WHERE s.user_id = v.u AND s.blocked = v.b AND s.until IS NULL)
        ON CONFLICT (user_id, blocked, since) DO UPDATE SET until = NULL`
    } else {
      yield* sql`UPDATE block_spans SET until = ${at} WHERE user_id = ${user} AND blocked = ${blocked} AND until IS NULL`
    }
    return yield* blocks(sql, user)
  }
)

interface PositionRow {
  readonly user_id: UserId
  readonly joined_seq: number
  readonly delivered_seq: number
  readonly read_seq: number
  /** How far the member was when they blocked the reader; `null` without a block. */
  readonly held_delivered: number | null
  readonly held_read: number | null
  /** Whether the reader blocks the member. */
  readonly blocked: number
}

const positions = (
  sql: Sql,
  conversation: ConversationId,
  reader: UserId
): Result<ReadonlyArray<MemberPosition>> =>
  Effect.map(
    sql<PositionRow>`SELECT m.user_id, m.joined_seq, m.delivered_seq, m.read_seq,
        b.delivered_seq AS held_delivered, b.read_seq AS held_read,
        CASE WHEN EXISTS (SELECT 1 FROM block_spans r
          WHERE r.user_id = ${reader} AND r.blocked = m.user_id AND r.until IS NULL) THEN 1 ELSE 0 END AS blocked
      FROM members m
      LEFT JOIN block_spans b ON b.user_id = m.user_id AND b.blocked = ${reader} AND b.until IS NULL
      WHERE m.conversation = ${conversation} AND m.left_seq IS NULL ORDER BY m.user_id`,
    (rows) => {
      const direct = !Conversation.isGroup(conversation)
      return rows.map(numbers).map((row) => {
        const { delivered_seq, held_delivered, held_read, joined_seq, read_seq, user_id: user } = row
        if (held_delivered === null || held_read === null) {
          if (direct || row.blocked === 0) return { user, delivered: delivered_seq, read: read_seq }
        } else if (direct) {
          return {
            user,
            delivered: Math.min(delivered_seq, held_delivered),
            read: Math.min(read_seq, held_read)
          }
        }
        // Nothing is known of a group's members from before the block.
        return { user, delivered: joined_seq - 1, read: joined_seq - 1 }
      })
    }
  )

/** From the one who asks: their memberships are few, and each is one look into the other's. */
const related = (sql: Sql, user: UserId, others: ReadonlyArray<UserId>): Result<ReadonlyArray<UserId>> =>
  Effect.map(
    overRows<{ other: UserId }>(
      sql,
      {
        key: "related",
        types: ["text", "text"],
        template: (values) =>
          `SELECT v.column2 AS other FROM (VALUES ${values}) AS v
           WHERE NOT EXISTS (SELECT 1 FROM block_spans b WHERE b.user_id = v.column1 AND b.blocked = v.column2
               AND b.until IS NULL)
             AND NOT EXISTS (SELECT 1 FROM block_spans b WHERE b.user_id = v.column2 AND b.blocked = v.column1
               AND b.until IS NULL)
             AND EXISTS (SELECT 1 FROM members m
               JOIN members o ON o.conversation = m.conversation AND o.user_id = v.column2 AND o.left_seq IS NULL
               WHERE m.user_id = v.column1 AND m.left_seq IS NULL)`
      },
      others.map((other) => [user, other])
    ),
    (rows) => rows.map(({ other }) => other)
  )

const estranged = (sql: Sql, user: UserId, others: ReadonlyArray<UserId>): Result<ReadonlyArray<UserId>> =>
  Effect.map(
    overRows<{ other: UserId }>(
      sql,
      {
        key: "estranged",
        types: ["text", "text"],
        template: (values) =>
          `SELECT v.column2 AS other FROM (VALUES ${values}) AS v
           WHERE EXISTS (SELECT 1 FROM block_spans b WHERE b.until IS NULL
             AND ((b.user_id = v.column1 AND b.blocked = v.column2) OR (b.user_id = v.column2 AND b.blocked = v.column1)))`
      },
      others.map((other) => [user, other])
    ),
    (rows) => rows.map(({ other }) => other)
  )

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
  blocks: (user: UserId) => blocks(sql, user),
  setBlock: (user: UserId, blocked: UserId, on: boolean, at: number) => setBlock(sql, user, blocked, on, at),
  positions: (conversation: ConversationId, reader: UserId) => positions(sql, conversation, reader),
  related: (user: UserId, others: ReadonlyArray<UserId>) => related(sql, user, others),
  estranged: (user: UserId, others: ReadonlyArray<UserId>) => estranged(sql, user, others),
  putLastSeen: (seen: ReadonlyArray<LastSeen>) => putLastSeen(sql, seen),
  lastSeen: (users: ReadonlyArray<UserId>) => lastSeen(sql, users),
  putBan: (ban: Ban) => putBan(sql, ban),
  removeBan: (subject: Pick<Ban, "kind" | "id">) => removeBan(sql, subject),
  bans: Effect.suspend(() => bans(sql))
})
