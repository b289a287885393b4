/** Old entries are removed. Long work in short steps. */
import { Clock, Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { searchIndexOf } from "./searchIndexOf.ts"
import { forgetUnused } from "./sqlDevices.ts"
import { dropFilesOf } from "./sqlFileRows.ts"
import { dropMentionsOf } from "./sqlMentions.ts"
import { numbers } from "./SqlRows.ts"
import { forgetIds, keepIds } from "./sqlSpentIds.ts"
import { idsKnownMillis, type TrimOptions } from "./trimming.ts"

/** Entries looked at in one transaction; between two, commits have their turn. */
const step = 1_000

interface Bounds {
  readonly id: ConversationId
  readonly head_seq: number
  readonly first_seq: number
}

/** Entries removed in one transaction: their texts are read once more, for what their ids stood for. */
const removed = 250

/** Removes the oldest of one log, at most `removed` of them, and answers how many; `first_seq` only moves forward. */
const trimStep = Effect.fnUntraced(
  function*(sql: Sql, id: ConversationId, { before, keep }: TrimOptions, knownSince: number) {
    const [row] = yield* sql<Bounds>`SELECT id, head_seq, first_seq FROM conversations
      WHERE id = ${id} ${sql.literal(dialectOf(sql).forUpdate)}`
    if (row === undefined) return 0
    const { first_seq: first, head_seq: head } = numbers(row)
    const end = Math.min(first + removed, head + 1)
    let kept = keep === undefined ? first : Math.max(first, head - keep + 1)
    if (before !== undefined && kept < end) {
      const [young] = yield* sql<{ seq: number }>`SELECT seq FROM entries
        WHERE conversation = ${id} AND seq >= ${kept} AND seq < ${end} AND at >= ${before} ORDER BY seq LIMIT 1`
      kept = young === undefined ? end : numbers(young).seq
    }
    kept = Math.min(kept, end)
    if (kept > first) {
      yield* keepIds(sql, id, kept, knownSince)
      yield* dropFilesOf(sql, id, first, kept - 1)
      yield* dropMentionsOf(sql, id, first, kept - 1)
      yield* searchIndexOf(sql).trimmed(sql, id, kept)
      yield* sql`DELETE FROM reports WHERE conversation = ${id} AND seq < ${kept}`
      yield* sql`DELETE FROM entries WHERE conversation = ${id} AND seq < ${kept}`
      yield* sql`UPDATE conversations SET first_seq = ${kept} WHERE id = ${id}`
    }
    return kept - first
  }
)

export const trim = Effect.fn("MessageStore.trim")(function*(
  sql: Sql,
  options: TrimOptions
): Effect.fn.Return<number, SqlError.SqlError> {
  const now = yield* Clock.currentTimeMillis
  const { before = Number.MIN_SAFE_INTEGER, keep = Number.MAX_SAFE_INTEGER } = options
  const knownSince = now - idsKnownMillis
  yield* forgetIds(sql, knownSince)
  if (options.devicesBefore !== undefined) yield* forgetUnused(sql, options.devicesBefore)
  if (options.before === undefined && options.keep === undefined) return 0
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
      let count = due === true || due === 1 ? removed : 0
      while (count === removed) {
        count = yield* sql.withTransaction(trimStep(sql, id, options, knownSince))
        gone += count
        yield* Effect.yieldNow
      }
    }
    if (page.length < step) return gone
    after = page.at(-1)!.id
    yield* Effect.yieldNow
  }
})
