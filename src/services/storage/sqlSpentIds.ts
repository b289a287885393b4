/** The ids of entries that were removed: a retry is known although what it repeats is gone (P3). */
import { Effect } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { type EntryRow, fingerprintOf } from "./Rows.ts"
import { numbers, overRows } from "./SqlRows.ts"
import { entryColumns } from "./sqlWrites.ts"

/** Rows forgotten in one statement. */
const step = 1_000

/** Before the entries of a log below `kept` go: what those said that a retry may still come for. */
export const keepIds = Effect.fnUntraced(function*(sql: Sql, id: ConversationId, kept: number, since: number) {
  const rows = yield* sql<EntryRow>`
    SELECT ${
    sql.literal(entryColumns)
  } FROM entries WHERE conversation = ${id} AND seq < ${kept} AND client_id IS NOT NULL AND at >= ${since}`
  yield* overRows(
    sql,
    {
      key: "keep ids",
      types: ["text", "text", "text", "int8", "text", "text", "int8", "int8", "text", "int8"],
      template: (values) =>
        `INSERT INTO spent_ids
           (sender, client_id, conversation, seq, message_id, kind, target, flag, original, at) VALUES ${values}`
    },
    rows.map(numbers).map((e) => [
      e.sender,
      e.client_id,
      e.conversation,
      e.seq,
      e.message_id,
      e.kind,
      e.target,
      e.flag,
      fingerprintOf(e),
      e.at
    ])
  )
})

/** Those that nobody will come for any more. */
export const forgetIds = Effect.fnUntraced(function*(sql: Sql, before: number) {
  while (true) {
    const gone = yield* sql`DELETE FROM spent_ids WHERE (sender, client_id) IN (
      SELECT sender, client_id FROM spent_ids WHERE at < ${before} ORDER BY at LIMIT ${step}) RETURNING seq`
    if (gone.length < step) return
    yield* Effect.yieldNow
  }
})
