/** Reading blocks: which of their texts have all words that are looked for. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import type { SearchOptions } from "./Search.ts"
import { readWords, type WordsRow } from "./searchBlock.ts"
import { hashOf } from "./searchBlockTexts.ts"
import { isWanted, type Wanted } from "./searchWords.ts"
import {
  type Block,
  byNumber,
  bytesPerMicro,
  costing,
  costs,
  divided,
  entriesPerMicro,
  listOf,
  type Places,
  type SaidText,
  sqliteSearchColumns,
  textsPerMicro
} from "./sqliteSearchColumns.ts"
import type { SearchScope } from "./sqliteSearchScope.ts"

interface BlockWords extends WordsRow {
  readonly block: number
}

/** Greater than whatever a word may go on with. */
const end = "\u{10FFFF}"

const directory = `SELECT block, size, first_at, last_at FROM search_blocks
  WHERE size > 0 AND first_at <= ?1 AND last_at > ?2 ORDER BY last_at DESC, block DESC`

/** The row in which the first of the words may be, and those in which others begin. */
const words = `SELECT w.block, w.words, w.texts FROM json_each(?1) j CROSS JOIN search_words w ON w.block = j.value
    AND w.word >= COALESCE((SELECT max(f.word) FROM search_words f WHERE f.block = j.value AND f.word <= ?2), ?2)
    AND w.word <= ?3`

/** Most rows that are read have none of the words: only others between which they would stand. */
const mayHave = ({ words }: BlockWords, { word }: Wanted): boolean =>
  words.startsWith(word) || words.includes(` ${word}`)

export const sqliteSearchBlocks = (sql: Sql, reads: LongReads) => {
  const step = costing(reads)
  const { textsOf, withColumn } = sqliteSearchColumns(sql, reads)

  /** Those that may have something of that time, the newest first. */
  const list = (
    { after, afterAt, beforeAt }: SearchOptions
  ): Effect.Effect<ReadonlyArray<Block>, SqlError.SqlError> => {
    const until = Math.min(after?.at ?? Number.MAX_SAFE_INTEGER, (beforeAt ?? Number.MAX_SAFE_INTEGER) - 1)
    return step(
      sql.unsafe<Block>(directory, [until, afterAt ?? Number.MIN_SAFE_INTEGER]),
      (blocks) => blocks.length
    )
  }

  /** In which of these places the word stands. */
  const withWord = Effect.fnUntraced(function*(blocks: Places, wanted: Wanted) {
    let cost = blocks.size * costs.look
    const rows = yield* step(
      sql.unsafe<BlockWords>(words, [
        listOf(blocks.keys()),
        wanted.word,
        wanted.prefix ? wanted.word + end : wanted.word
      ]),
      (found) => found.length * costs.row + cost
    )
    const known = byNumber(blocks.keys())
    const found = new Map<Block, Uint8Array>()
    let texts = 0
    let bytes = 0
    for (const row of rows) {
      bytes += row.texts.length
      if (!mayHave(row, wanted)) continue
      const block = known.get(row.block)!
      const before = blocks.get(block)
      let places = found.get(block)
      readWords(row, (word) => isWanted(wanted, word), (place) => {
        texts++
        if (before !== undefined && before[place] !== 1) return
        if (places === undefined) found.set(block, places = new Uint8Array(block.size))
        places[place] = 1
      })
    }
    const more = texts / textsPerMicro.word + bytes / bytesPerMicro
    cost += rows.length * costs.row + more
    reads.charge(more * entriesPerMicro)
    return { found, cost }
  })

  return {
    list,
    /** The texts of these blocks that have all words, and that fit what is known without reading them. */
    texts: Effect.fnUntraced(function*(
      blocks: ReadonlyArray<Block>,
      wanted: ReadonlyArray<Wanted>,
      { sender }: SearchOptions,
      scope: SearchScope
    ): Effect.fn.Return<{ readonly texts: ReadonlyArray<SaidText>; readonly cost: number }, SqlError.SqlError> {
      let left: Places = new Map(blocks.map((block) => [block, undefined]))
      let spent = 0
      const { isNarrow, isWhole, mayHave, next } = scope
      // In a few conversations nothing was said in most of the blocks.
      if (isNarrow) {
        const { cost, found } = yield* withColumn(left, "numbers", next)
        left = found
        spent += cost
      }
      for (const each of wanted) {
        if (left.size === 0) return { texts: [], cost: spent }
        const { cost, found } = yield* withWord(left, each)
        left = found
        spent += cost
      }
      if (sender !== undefined) {
        const hash = hashOf(sender)
        const { cost, found } = yield* withColumn(left, "senders", (column, from) => column.indexOf(hash, from))
        left = found
        spent += cost
      }
      if (isWhole && !isNarrow) {
        const [few, many] = divided(left)
        const { cost, found } = yield* withColumn(many, "numbers", next)
        left = new Map([...few, ...found])
        spent += cost
      }
      const { cost, texts } = yield* textsOf(left, mayHave)
      return { texts, cost: spent + cost }
    })
  }
}
