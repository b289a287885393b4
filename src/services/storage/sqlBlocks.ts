/** Blocks in SQL. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { begin, type BlockSpan, end, maxSpans, spanOf, surplus } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { numbers, overRows } from "./SqlRows.ts"

type Result<A> = Effect.Effect<A, SqlError.SqlError>

/** A span with how far each of the two was in their direct conversation when it began. */
interface Row extends BlockSpan {
  readonly delivered_seq: number
  readonly read_seq: number
  readonly other_delivered_seq: number
  readonly other_read_seq: number
}

const rowOf = <R extends { readonly until?: number | null }>(row: R): R & { readonly until?: number } => {
  const { until, ...rest } = numbers(row)
  return (until === null || until === undefined ? rest : { ...rest, until }) as R & { readonly until?: number }
}

const spansOf = (sql: Sql, user: UserId): Result<ReadonlyArray<BlockSpan>> =>
  Effect.map(
    sql<BlockSpan>`SELECT blocked, since, until FROM block_spans WHERE user_id = ${user} ORDER BY blocked, since`,
    (rows) => rows.map(rowOf)
  )

const spansWith = (sql: Sql, user: UserId, blocked: UserId): Result<ReadonlyArray<Row>> =>
  Effect.map(
    sql<Row>`SELECT blocked, since, until, delivered_seq, read_seq, other_delivered_seq, other_read_seq
      FROM block_spans WHERE user_id = ${user} AND blocked = ${blocked} ORDER BY since`,
    (rows) => rows.map(rowOf)
  )

/** A block as it begins: neither sees from now on how far the other comes. */
const begun = Effect.fnUntraced(function*(
  sql: Sql,
  user: UserId,
  blocked: UserId,
  since: number
): Effect.fn.Return<Row, SqlError.SqlError> {
  const members = yield* sql<{ user_id: UserId; delivered_seq: number; read_seq: number }>`
    SELECT user_id, delivered_seq, COALESCE(shown_read_seq, read_seq) AS read_seq FROM members
    WHERE conversation = ${Conversation.direct(user, blocked)} AND user_id IN (${user}, ${blocked})`
  const mine = members.find((row) => row.user_id === user)
  const other = members.find((row) => row.user_id === blocked)
  return numbers({
    blocked,
    since,
    delivered_seq: mine?.delivered_seq ?? 0,
    read_seq: mine?.read_seq ?? 0,
    other_delivered_seq: other?.delivered_seq ?? 0,
    other_read_seq: other?.read_seq ?? 0
  })
})

const insert = {
  key: "put block spans",
  types: ["text", "text", "int8", "int8", "int8", "int8", "int8", "int8"] as const,
  template: (values: string) =>
    `INSERT INTO block_spans
      (user_id, blocked, since, until, delivered_seq, read_seq, other_delivered_seq, other_read_seq) VALUES ${values}`
}

const remove = {
  key: "remove block spans",
  types: ["text", "text", "int8"] as const,
  template: (values: string) => `DELETE FROM block_spans WHERE (user_id, blocked, since) IN (VALUES ${values})`
}

const removeSurplus = Effect.fnUntraced(function*(sql: Sql, user: UserId) {
  const [row] = yield* sql<{ count: number }>`SELECT count(*) AS count FROM block_spans WHERE user_id = ${user}`
  if (numbers(row!).count <= maxSpans) return
  const gone = surplus(yield* spansOf(sql, user))
  yield* overRows(sql, remove, gone.map(({ blocked, since }) => [user, blocked, since]))
})

const acrossBlocks = {
  key: "blockedEitherWay",
  types: ["text", "text"] as const,
  template: (values: string) =>
    `SELECT v.column2 AS other FROM (VALUES ${values}) AS v
     WHERE EXISTS (SELECT 1 FROM block_spans b WHERE b.until IS NULL
       AND ((b.user_id = v.column1 AND b.blocked = v.column2) OR (b.user_id = v.column2 AND b.blocked = v.column1)))`
}

export const blocks = (sql: Sql) => ({
  blocks: (user: UserId) => spansOf(sql, user),

  setBlock: Effect.fnUntraced(function*(user: UserId, blocked: UserId, on: boolean, at: number) {
    // One change of a user's blocks at a time, whichever server makes it.
    yield* dialectOf(sql).alone(sql, `blocks ${user}`)
    const before = yield* spansWith(sql, user, blocked)
    const after = on ? begin(before, yield* begun(sql, user, blocked, at)) : end(before, at)
    if (after !== before) {
      yield* sql`DELETE FROM block_spans WHERE user_id = ${user} AND blocked = ${blocked}`
      yield* overRows(
        sql,
        insert,
        after.map((row) => [
          user,
          blocked,
          row.since,
          row.until ?? null,
          row.delivered_seq,
          row.read_seq,
          row.other_delivered_seq,
          row.other_read_seq
        ])
      )
      if (after.length > before.length) yield* removeSurplus(sql, user)
    }
    return after.map(spanOf)
  }, sql.withTransaction),

  blockedEitherWay: (user: UserId, others: ReadonlyArray<UserId>) =>
    Effect.map(
      overRows<{ other: UserId }>(sql, acrossBlocks, others.map((other) => [user, other])),
      (rows) => rows.map(({ other }) => other)
    )
})
