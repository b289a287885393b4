/** Texts that were edited, deleted, erased or trimmed lose their old words in the blocks, so that nothing is kept of them. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId } from "../../domain/Ids.ts"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { Sql } from "./Dialect.ts"
import { encodeRow, readWords, type WordsRow } from "./searchBlock.ts"
import { type BlockText, bytesOf, partId, partsOf, textsPerPart } from "./searchBlockTexts.ts"
import { textsIn, withoutBlock } from "./sqliteSearchParts.ts"
import { overRows, type Value } from "./SqlRows.ts"

/** Rows of the index looked at in one turn, and texts scrubbed together. */
const step = 50
const most = 100_000

interface StaleRow {
  readonly id: number
  readonly number: number
  readonly seq: number
  readonly at: number
}

const setWords = {
  key: "scrub words",
  types: ["text", "text", "text", "text", "int8"] as const,
  template: () => `UPDATE search_words SET word = ?1, words = ?2, texts = ?3 WHERE word = ?4 AND block = ?5`
}

const dropWords = {
  key: "scrub empty words",
  types: ["text", "int8"] as const,
  template: () => `DELETE FROM search_words WHERE word = ?1 AND block = ?2`
}

/** The row without these places; itself where none of them is in it, and nothing where there are no others. */
const without = (row: WordsRow, gone: ReadonlySet<number>): WordsRow | undefined => {
  const left = new Map<string, Array<number>>()
  let isSame = true
  readWords(row, () => true, (place, word) => {
    if (gone.has(place)) {
      isSame = false
      return
    }
    const places = left.get(word)
    if (places === undefined) left.set(word, [place])
    else places.push(place)
  })
  return isSame ? row : encodeRow(left)
}

/** The words of one block without these places. A second time changes nothing. */
const scrubWords = Effect.fnUntraced(
  function*(sql: Sql, block: number, gone: ReadonlySet<number>): Effect.fn.Return<void, SqlError.SqlError> {
    let after = ""
    while (true) {
      const rows = yield* sql<WordsRow>`SELECT word, words, texts FROM search_words
        WHERE block = ${block} AND word > ${after} ORDER BY word LIMIT ${step}`
      const fewer: Array<ReadonlyArray<Value>> = []
      const empty: Array<ReadonlyArray<Value>> = []
      for (const row of rows) {
        const left = without(row, gone)
        if (left === undefined) empty.push([row.word, block])
        else if (left !== row) fewer.push([left.word, left.words, left.texts, row.word, block])
      }
      if (fewer.length + empty.length > 0) {
        yield* sql.withTransaction(Effect.andThen(overRows(sql, setWords, fewer), overRows(sql, dropWords, empty)))
      }
      if (rows.length < step) return
      after = rows.at(-1)!.word
      yield* nextTurn
    }
  }
)

const setPart = {
  key: "scrub texts",
  types: ["text", "int8"] as const,
  template: () => `UPDATE search_texts SET texts = ?1 WHERE id = ?2`
}

const scrubBlock = Effect.fnUntraced(
  function*(sql: Sql, block: number, stale: ReadonlySet<string>): Effect.fn.Return<void, SqlError.SqlError> {
    const texts = yield* textsIn(sql, block)
    const gone = new Set<number>()
    for (const [place, { number, seq }] of texts.entries()) {
      if (number !== 0 && stale.has(`${number} ${seq}`)) gone.add(place)
    }
    if (gone.size === 0) return
    const left = texts.map((text, place): BlockText => {
      const { at, seq } = text
      return gone.has(place) ? { number: 0, sender: 0, seq, at } : text
    })
    if (left.every(({ number }) => number === 0)) return yield* withoutBlock(sql, block)
    yield* scrubWords(sql, block, gone)
    const parts = partsOf(left).flatMap((part, index): ReadonlyArray<readonly [Uint8Array, number]> => {
      const from = index * textsPerPart
      return left.slice(from, from + textsPerPart).some((_, i) => gone.has(from + i))
        ? [[part, partId(block, index)]]
        : []
    })
    // Last, so that what was cut short is done again.
    yield* sql.withTransaction(Effect.andThen(
      overRows(sql, setPart, parts),
      sql`UPDATE search_blocks SET numbers = ${bytesOf(Uint32Array.from(left, ({ number }) => number))},
        senders = ${bytesOf(Uint32Array.from(left, ({ sender }) => sender))} WHERE block = ${block}`
    ))
  }
)

/** Of all that is pending up to that row; what of it is said now stays there, as if it were new. */
export const scrub = Effect.fnUntraced(function*(sql: Sql, upTo: number): Effect.fn.Return<void, SqlError.SqlError> {
  while (true) {
    const rows = yield* sql<StaleRow & { readonly conversation: ConversationId }>`
      SELECT p.id, p.seq, p.at, COALESCE(n.number, 0) AS number FROM search_pending p
      LEFT JOIN search_conversations n ON n.id = p.conversation
      WHERE p.stale = 1 AND p.id <= ${upTo} ORDER BY p.id LIMIT ${most}`
    if (rows.length === 0) return
    const stale = new Set(rows.map(({ number, seq }) => `${number} ${seq}`))
    let [first, last] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
    for (const { at } of rows) {
      if (at < first) first = at
      if (at > last) last = at
    }
    const blocks = yield* sql<{ readonly block: number }>`SELECT block FROM search_blocks
      WHERE size > 0 AND last_at >= ${first} AND first_at <= ${last}`
    for (const { block } of blocks) {
      yield* scrubBlock(sql, block, stale)
      yield* nextTurn
    }
    yield* sql`UPDATE search_pending SET stale = 0 WHERE stale = 1 AND id <= ${rows.at(-1)!.id}`
    if (rows.length < most) return
  }
})
