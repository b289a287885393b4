/** What is removed: old entries, step by step, and users who want to be forgotten. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { fingerprint } from "./Rows.ts"
import { numbers, type Sql } from "./SqlRows.ts"

/** Entries removed in one transaction; between two, commits have their turn. */
const step = 1_000

/** The first entry to keep: behind all that are too old, and at most `keep` from the head. */
const firstToKeep = Effect.fnUntraced(function*(
  sql: Sql,
  { first_seq, head_seq, id }: { readonly id: ConversationId; readonly head_seq: number; readonly first_seq: number },
  { before, keep }: { readonly before?: number; readonly keep?: number }
) {
  const byCount = keep === undefined ? first_seq : head_seq - keep + 1
  if (before === undefined) return Math.max(first_seq, byCount)
  const [young] = yield* sql<{ seq: number }>`
    SELECT seq FROM entries WHERE conversation = ${id} AND seq >= ${first_seq} AND at >= ${before} ORDER BY seq LIMIT 1`
  return Math.max(first_seq, byCount, young === undefined ? head_seq + 1 : numbers(young).seq)
})

export const trim = Effect.fn("MessageStore.trim")(function*(
  sql: Sql,
  options: { readonly before?: number; readonly keep?: number }
): Effect.fn.Return<number, SqlError.SqlError> {
  let gone = 0
  let after = ""
  while (true) {
    const page = yield* sql<{ id: ConversationId; head_seq: number; first_seq: number }>`
      SELECT id, head_seq, first_seq FROM conversations WHERE id > ${after} AND head_seq >= first_seq
      ORDER BY id LIMIT 500`
    for (const row of page.map(numbers)) {
      const first = yield* firstToKeep(sql, row, options)
      for (let from = row.first_seq; from < first; from += step) {
        const to = Math.min(from + step, first)
        yield* sql.withTransaction(Effect.andThen(
          sql`DELETE FROM entries WHERE conversation = ${row.id} AND seq < ${to}`,
          sql`UPDATE conversations SET first_seq = ${to} WHERE id = ${row.id}`
        ))
        gone += to - from
        yield* Effect.yieldNow
      }
    }
    if (page.length < 500) return gone
    after = page.at(-1)!.id
  }
})

export const eraseUser = Effect.fn("MessageStore.eraseUser")(function*(
  sql: Sql,
  user: UserId
): Effect.fn.Return<number, SqlError.SqlError> {
  const erase = Effect.gen(function*() {
    const rows = yield* sql<
      { conversation: ConversationId; seq: number; kind: string; body: string | null; original: string | null }
    >`
      SELECT e.conversation, e.seq, e.kind, e.body, e.original FROM members m
      JOIN entries e ON e.conversation = m.conversation
      WHERE m.user_id = ${user} AND e.sender = ${user} AND e.kind <> 'group' AND e.kind <> 'delete'`
    let gone = 0
    for (const { body, conversation, kind, original, seq } of rows.map(numbers)) {
      if (body !== null) gone++
      const kept = original ?? fingerprint(body ?? "")
      yield* kind === "text"
        ? sql`UPDATE entries SET body = NULL, client_id = NULL, original = ${kept}, flag = 1
            WHERE conversation = ${conversation} AND seq = ${seq}`
        : sql`UPDATE entries SET body = NULL, client_id = NULL, original = ${kept}
            WHERE conversation = ${conversation} AND seq = ${seq}`
    }
    yield* sql`UPDATE entries SET client_id = NULL WHERE sender = ${user} AND client_id IS NOT NULL`
    yield* sql`DELETE FROM members WHERE user_id = ${user}`
    yield* sql`DELETE FROM devices WHERE user_id = ${user}`
    yield* sql`DELETE FROM blocks WHERE user_id = ${user}`
    return gone
  })
  return yield* sql.withTransaction(erase)
})
