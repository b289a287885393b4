/**
 * Blocks that follow each other become one. A search looks into each block, and one of a million texts costs hardly more
 * than one of some thousands; each word is written twice in all. Words are read and written in their order, some of each
 * block at a time.
 */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { Sql } from "./Dialect.ts"
import { orderOf, RowReader, RowsWriter, type WordsRow } from "./searchBlock.ts"
import { type BlockText } from "./searchBlockTexts.ts"
import { textsIn, withoutBlock } from "./sqliteSearchParts.ts"
import { rowsPerStep, writeTexts, writeWords } from "./sqliteSearchWrite.ts"

/** So many become one. */
const together = 16
/** Rows of each block that are read at once. */
const rowsPerRead = 32

interface BlockRow {
  readonly block: number
  readonly size: number
}

/** The words of one of the blocks. */
class Source {
  readonly block: number
  /** Where its texts begin in the new block. */
  readonly offset: number
  readonly #rows: Array<WordsRow> = []
  #reader: RowReader | undefined
  #after = ""
  #isRead = false
  word: string | undefined
  order = ""

  constructor(block: number, offset: number) {
    this.block = block
    this.offset = offset
  }

  /** There are words that were not read yet. */
  get isDry(): boolean {
    return this.word === undefined && !this.#isRead
  }

  next(): void {
    while (true) {
      this.word = this.#reader?.next()
      if (this.word !== undefined) {
        this.order = orderOf(this.word)
        return
      }
      const row = this.#rows.shift()
      if (row === undefined) return
      this.#reader = new RowReader(row)
    }
  }

  get count(): number {
    return this.#reader!.left
  }

  copy(writer: RowsWriter): void {
    const reader = this.#reader!
    while (reader.left > 0) writer.add(this.offset + reader.place())
  }

  readonly read = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
      const rows = yield* sql<WordsRow>`SELECT word, words, texts FROM search_words
        WHERE block = ${this.block} AND word > ${this.#after} ORDER BY word LIMIT ${rowsPerRead}`
      for (const row of rows) this.#rows.push(row)
      if (rows.length < rowsPerRead) this.#isRead = true
      else this.#after = rows.at(-1)!.word
      this.next()
    }
  )
}

/** The next word of all of them, with its texts in all. False where there is none, or one has to be read first. */
const copyNext = (sources: ReadonlyArray<Source>, writer: RowsWriter): boolean => {
  let order: string | undefined
  const those: Array<Source> = []
  for (const source of sources) {
    if (source.word === undefined) {
      if (source.isDry) return false
    } else if (order === undefined || source.order < order) {
      order = source.order
      those.length = 0
      those.push(source)
    } else if (source.order === order) {
      those.push(source)
    }
  }
  const word = those[0]?.word
  if (word === undefined) return false
  let count = 0
  for (const source of those) count += source.count
  writer.begin(word, count)
  for (const source of those) {
    source.copy(writer)
    source.next()
  }
  return true
}

const mergeWords = Effect.fnUntraced(
  function*(sql: Sql, sources: ReadonlyArray<Source>): Effect.fn.Return<number, SqlError.SqlError> {
    let block: number | undefined
    const writer = new RowsWriter()
    while (true) {
      for (const source of sources) if (source.isDry) yield* source.read(sql)
      while (writer.rows.length < rowsPerStep && copyNext(sources, writer));
      const isLast = sources.every(({ isDry, word }) => word === undefined && !isDry)
      if (isLast) writer.end()
      if (isLast || writer.rows.length >= rowsPerStep) {
        const { rows } = writer
        writer.rows = []
        block = yield* writeWords(sql, block, rows)
      }
      if (isLast) return block!
      yield* nextTurn
    }
  }
)

const merge = Effect.fnUntraced(
  function*(sql: Sql, blocks: ReadonlyArray<BlockRow>, onDone: () => void): Effect.fn.Return<void, SqlError.SqlError> {
    const texts: Array<BlockText> = []
    const sources: Array<Source> = []
    for (const { block } of blocks) {
      sources.push(new Source(block, texts.length))
      for (const text of yield* textsIn(sql, block)) texts.push(text)
      yield* nextTurn
    }
    const made = yield* mergeWords(sql, sources)
    const list = JSON.stringify(blocks.map(({ block }) => block))
    yield* writeTexts(
      sql,
      made,
      texts,
      sql`UPDATE search_blocks SET size = 0 WHERE block IN (SELECT value FROM json_each(${list}))`
    )
    onDone()
    for (const { block } of blocks) yield* withoutBlock(sql, block)
  }
)

/**
 * Until there are no more that can. `onDone`: whoever looks into blocks looks for them anew, because those that they know go
 * from now on.
 */
export const mergeBlocks = Effect.fnUntraced(
  function*(sql: Sql, blockSize: number, onDone: () => void): Effect.fn.Return<void, SqlError.SqlError> {
    while (true) {
      const all = yield* sql<BlockRow>`SELECT block, size FROM search_blocks WHERE size > 0
        ORDER BY last_at DESC, block DESC`
      let from = all.length
      let to = all.length
      // The oldest of those that follow each other.
      while (from > 0 && to - from < together) if (all[--from]!.size > blockSize) to = from
      if (to - from < together) return
      yield* merge(sql, all.slice(from, to), onDone)
    }
  }
)
