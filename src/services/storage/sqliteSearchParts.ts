/** All texts of one block, and what takes it away, in short steps. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { Sql } from "./Dialect.ts"
import { type BlockText, numbersIn, partId, partIn } from "./searchBlockTexts.ts"

export interface PartRow {
  readonly id: number
  readonly texts: Uint8Array
}

/** Rows in one turn. */
const step = 250

export interface ColumnsRow {
  readonly numbers: Uint8Array
  readonly senders: Uint8Array
}

/** In their order. */
export const textsIn = Effect.fnUntraced(
  function*(sql: Sql, block: number): Effect.fn.Return<ReadonlyArray<BlockText>, SqlError.SqlError> {
    const [row] = yield* sql<ColumnsRow>`SELECT numbers, senders FROM search_blocks WHERE block = ${block}`
    const [numbers, senders] = [numbersIn(row!.numbers), numbersIn(row!.senders)]
    const texts: Array<BlockText> = []
    for (let part = 0; texts.length < numbers.length; part += step) {
      const some = yield* sql<PartRow>`SELECT id, texts FROM search_texts
        WHERE id >= ${partId(block, part)} AND id < ${partId(block + 1, 0)} ORDER BY id LIMIT ${step}`
      for (const { texts: bytes } of some) {
        const { ats, seqs } = partIn(bytes)
        for (let i = 0; i < ats.length; i++) {
          const place = texts.length
          texts.push({ number: numbers[place]!, sender: senders[place]!, seq: seqs[i]!, at: ats[i]! })
        }
      }
      yield* nextTurn
    }
    return texts
  }
)

/** Nobody finds it any more before the first of it goes, and the last that goes is that it was there. */
export const withoutBlock = Effect.fnUntraced(
  function*(sql: Sql, block: number): Effect.fn.Return<void, SqlError.SqlError> {
    yield* sql`UPDATE search_blocks SET size = 0 WHERE block = ${block} AND size > 0`
    while (true) {
      const [next] = yield* sql<{ readonly word: string }>`SELECT word FROM search_words
        WHERE block = ${block} ORDER BY word LIMIT 1 OFFSET ${step}`
      if (next === undefined) break
      yield* sql`DELETE FROM search_words WHERE block = ${block} AND word < ${next.word}`
      yield* nextTurn
    }
    yield* sql.withTransaction(Effect.all([
      sql`DELETE FROM search_words WHERE block = ${block}`,
      sql`DELETE FROM search_texts WHERE id >= ${partId(block, 0)} AND id < ${partId(block + 1, 0)}`,
      sql`DELETE FROM search_blocks WHERE block = ${block}`
    ]))
    yield* nextTurn
  }
)
