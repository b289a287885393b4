/** What is removed: old entries and users who want to be forgotten. Long work in short steps. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { isPostgres, numbers, type Sql } from "./SqlRows.ts"

/** Entries looked at in one transaction; between two, commits have their turn. */
const step = 1_000

interface Bounds {
  readonly id: ConversationId
  readonly head_seq: number
  readonly first_seq: number
}

interface TrimOptions {
  readonly before?: number
  readonly keep?: number
}

/** Removes the oldest of one log, at most `step` of them, and answers how many; `first_seq` only moves forward. */
const trimStep = Effect.fnUntraced(function*(sql: Sql, id: ConversationId, { before, keep }: TrimOptions) {
  const lock = isPostgres(sql) ? sql.literal("FOR UPDATE") : sql.literal("")
  const [row] = yield* sql<Bounds>`SELECT id, head_seq, first_seq FROM conversations WHERE id = ${id} ${lock}`
  if (row === undefined) return 0
  const { first_seq: first, head_seq: head } = numbers(row)
  const end = Math.min(first + step, head + 1)
  let kept = keep === undefined ? first : Math.max(first, head - keep + 1)
  if (before !== undefined && kept < end) {
    const [young] = yield* sql<{ seq: number }>`SELECT seq FROM entries
      WHERE conversation = ${id} AND seq >= ${kept} AND seq < ${end} AND at >= ${before} ORDER BY seq LIMIT 1`
    kept = young === undefined ? end : numbers(young).seq
  }
  kept = Math.min(kept, end)
  if (kept > first) {
    yield* sql`DELETE FROM entries WHERE conversation = ${id} AND seq < ${kept}`
    yield* sql`UPDATE conversations SET first_seq = ${kept} WHERE id = ${id}`
  }
  return kept - first
})

export const trim = Effect.fn("MessageStore.trim")(function*(
  sql: Sql,
  options: TrimOptions
): Effect.fn.Return<number, SqlError.SqlError> {
  const { before = Number.MIN_SAFE_INTEGER, keep = Number.MAX_SAFE_INTEGER } = options
  let gone = 0
  let after = ""
  while (true) {
    // One read for a page of logs: most of them have nothing to remove.
    const page = yield* sql<Bounds & { readonly due: number | boolean }>`
      SELECT c.id, c.head_seq - c.first_seq + 1 > ${keep} OR COALESCE(e.at < ${before}, 1 = 0) AS due
      FROM (SELECT id, head_seq, first_seq FROM conversations WHERE id > ${after} ORDER BY id LIMIT ${step}) AS c
      LEFT JOIN entries e ON e.conversation = c.id AND e.seq = c.first_seq
      ORDER BY c.id`
    for (const { due, id } of page) {
      let removed = due === true || due === 1 ? step : 0
      while (removed === step) {
        removed = yield* sql.withTransaction(trimStep(sql, id, options))
        gone += removed
        yield* Effect.yieldNow
      }
    }
    if (page.length < step) return gone
    after = page.at(-1)!.id
    yield* Effect.yieldNow
  }
})

const eraseStep = Effect.fnUntraced(function*(sql: Sql, user: UserId, id: ConversationId, from: number) {
  const [row] = yield* sql<{ count: number }>`SELECT count(*) AS count FROM entries
    WHERE conversation = ${id} AND seq >= ${from} AND seq < ${from + step} AND sender = ${user}
      AND kind NOT IN ('group', 'delete') AND body IS NOT NULL`
  yield* sql`UPDATE entries SET client_id = NULL, original = NULL,
      body = CASE WHEN kind = 'group' THEN body END, flag = CASE WHEN kind = 'text' THEN 1 ELSE flag END
    WHERE conversation = ${id} AND seq >= ${from} AND seq < ${from + step} AND sender = ${user}`
  return numbers(row!).count
})

/** The log first, as in a commit, so that neither brings back what the other removes. */
const forget = Effect.fnUntraced(function*(sql: Sql, user: UserId, id: ConversationId) {
  yield* sql`UPDATE conversations SET vacant = CASE WHEN kind = 'direct' THEN 1 ELSE 0 END,
    version = version + 1 WHERE id = ${id}`
  yield* sql`DELETE FROM devices WHERE user_id = ${user} AND conversation = ${id}`
  yield* sql`DELETE FROM members WHERE user_id = ${user} AND conversation = ${id}`
})

export const eraseUser = Effect.fn("MessageStore.eraseUser")(function*(
  sql: Sql,
  user: UserId
): Effect.fn.Return<number, SqlError.SqlError> {
  let gone = 0
  while (true) {
    const logs = yield* sql<Bounds>`SELECT c.id, c.head_seq, c.first_seq FROM members m
      JOIN conversations c ON c.id = m.conversation WHERE m.user_id = ${user} ORDER BY c.id LIMIT 100`
    for (const { first_seq, head_seq, id } of logs.map(numbers)) {
      for (let from = first_seq; from <= head_seq; from += step) {
        gone += yield* sql.withTransaction(eraseStep(sql, user, id, from))
        yield* Effect.yieldNow
      }
      // Last, so that an erasure that was cut short finds the log again.
      yield* sql.withTransaction(forget(sql, user, id))
    }
    if (logs.length === 0) break
  }
  // What somebody said where they are no member.
  yield* sql`UPDATE entries SET client_id = NULL, original = NULL WHERE sender = ${user} AND client_id IS NOT NULL`
  yield* sql`DELETE FROM block_spans WHERE user_id = ${user} OR blocked = ${user}`
  yield* sql`DELETE FROM last_seen WHERE user_id = ${user}`
  return gone
})
