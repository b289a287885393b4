/** Writing a block, in short steps. It has no size until all of it is there. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId } from "../../domain/Ids.ts"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { Sql } from "./Dialect.ts"
import type { EntryRow } from "./Rows.ts"
import { BlockWords, type WordsRow } from "./searchBlock.ts"
import { type BlockText, bytesOf, hashOf, partId, partsOf } from "./searchBlockTexts.ts"
import { newestFirst } from "./searchRules.ts"
import { forEachIndexWord } from "./searchWords.ts"
import { overRows } from "./SqlRows.ts"

type Result<A> = Effect.Effect<A, SqlError.SqlError>

/** What a block keeps of an entry, or makes its words of. */
export type TextRow = Pick<EntryRow, "conversation" | "seq" | "sender" | "at" | "body" | "attachments">

/** Texts whose words are made in one turn, and rows of words that are written in one transaction: two milliseconds. */
const step = 256
export const rowsPerStep = 256
const partsPerStep = 100
/** Of conversations that are remembered. */
const mostNumbers = 20_000

const ofWords = {
  key: "search words",
  types: ["int8", "text", "text", "text"] as const,
  template: (values: string) => `INSERT INTO search_words (block, word, words, texts) VALUES ${values}`
}

const ofTexts = {
  key: "search texts",
  types: ["int8", "text"] as const,
  template: (values: string) => `INSERT INTO search_texts (id, texts) VALUES ${values}`
}

const newConversations = {
  key: "new search conversations",
  types: ["text"] as const,
  template: (values: string) => `INSERT INTO search_conversations (id) VALUES ${values} RETURNING number, id`
}

const knownConversations =
  `SELECT n.number, n.id FROM json_each(?1) j CROSS JOIN search_conversations n ON n.id = j.value`

interface NumberRow {
  readonly number: number
  readonly id: ConversationId
}

/** Of what stands in order. */
const isFirst = ({ conversation, seq }: TextRow, index: number, all: ReadonlyArray<TextRow>): boolean =>
  index === 0 || all[index - 1]!.seq !== seq || all[index - 1]!.conversation !== conversation

const newBlock = (sql: Sql) =>
  Effect.map(
    sql<{ readonly block: number }>`INSERT INTO search_blocks (size, first_at, last_at, numbers, senders)
      VALUES (0, 0, 0, x'', x'') RETURNING block`,
    ([made]) => made!.block
  )

/** Of a block, which is made with the first of them. One transaction, because each waits for the disk; then others have a turn. */
export const writeWords = (sql: Sql, known: number | undefined, rows: ReadonlyArray<WordsRow>) =>
  sql.withTransaction(Effect.gen(function*() {
    const block = known ?? (yield* newBlock(sql))
    yield* overRows(sql, ofWords, rows.map(({ texts, word, words }) => [block, word, words, texts]))
    return block
  })).pipe(Effect.tap(nextTurn))

/** The last of a block; `done` is part of the transaction that makes it ready. */
export const writeTexts = Effect.fnUntraced(function*(
  sql: Sql,
  block: number,
  texts: ReadonlyArray<BlockText>,
  done: Result<unknown>
) {
  const parts = partsOf(texts).map((part, index): readonly [number, Uint8Array] => [partId(block, index), part])
  let from = 0
  for (; parts.length - from > partsPerStep; from += partsPerStep) {
    yield* sql.withTransaction(overRows(sql, ofTexts, parts.slice(from, from + partsPerStep)))
    yield* nextTurn
  }
  let [first, last] = [texts[0]!.at, texts[0]!.at]
  for (const { at } of texts) {
    if (at < first) first = at
    if (at > last) last = at
  }
  yield* sql.withTransaction(Effect.all([
    overRows(sql, ofTexts, parts.slice(from)),
    sql`UPDATE search_blocks SET size = ${texts.length}, first_at = ${first}, last_at = ${last},
      numbers = ${bytesOf(Uint32Array.from(texts, ({ number }) => number))},
      senders = ${bytesOf(Uint32Array.from(texts, ({ sender }) => sender))} WHERE block = ${block}`,
    done
  ]))
})

export const sqliteSearchWrite = (sql: Sql) => {
  /** They never change, and most of a block are in the next one too. */
  let numbers = new Map<ConversationId, number>()

  /** The numbers of these conversations, which those that have none get. */
  const numbersOf = Effect.fnUntraced(function*(ids: Iterable<ConversationId>) {
    if (numbers.size > mostNumbers) numbers = new Map()
    const wanted = Array.from(new Set(ids)).filter((id) => !numbers.has(id)).sort()
    const know = (rows: ReadonlyArray<NumberRow>) => {
      for (const { id, number } of rows) numbers.set(id, number)
    }
    for (let from = 0; from < wanted.length; from += step) {
      const some = wanted.slice(from, from + step)
      know(yield* sql.unsafe<NumberRow>(knownConversations, [JSON.stringify(some)]))
      const fresh = some.filter((id) => !numbers.has(id))
      if (fresh.length > 0) {
        know(yield* sql.withTransaction(overRows<NumberRow>(sql, newConversations, fresh.map((id) => [id]))))
      }
      yield* nextTurn
    }
    return numbers
  })

  /** Of each word the places of its texts, in the order in which rows are written. */
  const wordsOf = Effect.fnUntraced(function*(rows: ReadonlyArray<TextRow>) {
    const words = new BlockWords()
    for (const [place, row] of rows.entries()) {
      forEachIndexWord(row, (word) => words.add(word, place))
      if (place % step === step - 1) yield* nextTurn
    }
    return words.rows()
  })

  /** Makes a block of these texts; `done` is part of the transaction that makes it ready. */
  const write = Effect.fnUntraced(function*(unsorted: ReadonlyArray<TextRow>, done: Result<unknown>) {
    const rows = unsorted.toSorted(newestFirst).filter(isFirst)
    if (rows.length === 0) {
      yield* done
      return
    }
    const numbers = yield* numbersOf(rows.map(({ conversation }) => conversation))
    const texts = rows.map(({ at, conversation, sender, seq }): BlockText => ({
      number: numbers.get(conversation)!,
      sender: hashOf(sender),
      seq,
      at
    }))
    const words = yield* wordsOf(rows)
    let block = yield* writeWords(sql, undefined, words.slice(0, rowsPerStep))
    for (let from = rowsPerStep; from < words.length; from += rowsPerStep) {
      block = yield* writeWords(sql, block, words.slice(from, from + rowsPerStep))
    }
    yield* writeTexts(sql, block, texts, done)
  })

  return write
}
