/** Reading blocks: conversations, senders and texts of places in them. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import {
  blockOfPart,
  type BlockText,
  numbersIn,
  partId,
  partIn,
  placeOfPart,
  textsPerPart
} from "./searchBlockTexts.ts"
import type { PartRow } from "./sqliteSearchParts.ts"

export interface Block {
  readonly block: number
  readonly size: number
  readonly first_at: number
  readonly last_at: number
}

interface ColumnRow {
  readonly block: number
  readonly column: Uint8Array
}

export type SaidText = Pick<BlockText, "number" | "seq" | "at">

/** Of each block in which places something is; `undefined` for all of them. */
export type Places = ReadonlyMap<Block, Uint8Array | undefined>

/** What is read costs microseconds: a look into a block, a row of words and a part of its texts. */
export const costs = { look: 10, row: 8, part: 8 } as const
/** And so many texts one: of those that have a word, and of those whose conversation or sender is compared. */
export const textsPerMicro = { word: 100, column: 300 } as const
/** And so many bytes of rows, which are long where many texts have a word. */
export const bytesPerMicro = 1_000
/** Of a turn a microsecond is so much (`longReads.ts`). */
export const entriesPerMicro = 3

const partsPerStep = 64
/** The conversations of so many texts are read as fast as a part. */
const textsPerColumnLook = 2_048

const columnOf = (column: "numbers" | "senders"): string =>
  `SELECT b.block, b.${column} AS column FROM json_each(?1) j CROSS JOIN search_blocks b ON b.block = j.value`
const columns = { numbers: columnOf("numbers"), senders: columnOf("senders") } as const
const parts = `SELECT t.id, t.texts FROM json_each(?1) j CROSS JOIN search_texts t ON t.id = j.value`

export const listOf = (blocks: Iterable<Block>): string => JSON.stringify(Array.from(blocks, ({ block }) => block))

export const byNumber = (blocks: Iterable<Block>): ReadonlyMap<number, Block> =>
  new Map(Array.from(blocks, (block) => [block.block, block]))

/** The parts in which one of the places is. */
const partsWith = ({ block, size }: Block, places: Uint8Array | undefined): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let from = 0; from < size; from += textsPerPart) {
    const first = places?.indexOf(1, from) ?? from
    if (first === -1) break
    from = first - first % textsPerPart
    found.push(partId(block, from / textsPerPart))
  }
  return found
}

/** The next of the places from this one on; all, where none are told. */
const nextOf = (places: Uint8Array | undefined, from: number): number => places?.indexOf(1, from) ?? from

/** Blocks with few places, whose parts are read, and those with more of them, of which first the column is. */
export const divided = (blocks: Places): readonly [few: Places, many: Places] => {
  const few = new Map<Block, Uint8Array | undefined>()
  const many = new Map<Block, Uint8Array | undefined>()
  for (const [block, places] of blocks) {
    let count = 0
    for (
      let at = nextOf(places, 0);
      at !== -1 && count * textsPerColumnLook < block.size;
      at = nextOf(places, at + 1)
    ) {
      count++
    }
    if (count * textsPerColumnLook < block.size) few.set(block, places)
    else many.set(block, places)
  }
  return [few, many]
}

/** A read that is a part of a turn, by what it costs in microseconds. */
export const costing = (reads: LongReads) =>
<A>(
  query: Effect.Effect<ReadonlyArray<A>, SqlError.SqlError>,
  cost: (rows: ReadonlyArray<A>) => number
) => reads.step(query, (rows) => cost(rows) * entriesPerMicro)

export const sqliteSearchColumns = (sql: Sql, reads: LongReads) => {
  const step = costing(reads)

  /** In which of these places the column is wanted: `next` says where it is, at the earliest from a place on. */
  const withColumn = Effect.fnUntraced(function*(
    blocks: Places,
    name: keyof typeof columns,
    next: (column: Uint32Array, from: number) => number
  ) {
    let cost = 0
    for (const { size } of blocks.keys()) cost += costs.look + size / textsPerMicro.column
    const rows = yield* step(sql.unsafe<ColumnRow>(columns[name], [listOf(blocks.keys())]), () => cost)
    const known = byNumber(blocks.keys())
    const found = new Map<Block, Uint8Array>()
    for (const row of rows) {
      const block = known.get(row.block)!
      const before = blocks.get(block)
      const column = numbersIn(row.column)
      let places: Uint8Array | undefined
      for (let place = nextOf(before, 0); place !== -1;) {
        const wanted = next(column, place)
        if (wanted === -1) break
        if (before === undefined || before[wanted] === 1) {
          if (places === undefined) found.set(block, places = new Uint8Array(block.size))
          places[wanted] = 1
        }
        place = nextOf(before, wanted + 1)
      }
    }
    return { found, cost }
  })

  /** The texts of these places in conversations that are searched. */
  const textsOf = Effect.fnUntraced(function*(blocks: Places, mayHave: (number: number) => boolean) {
    const texts: Array<SaidText> = []
    const ids = Array.from(blocks).flatMap(([block, places]) => partsWith(block, places))
    const known = byNumber(blocks.keys())
    for (let from = 0; from < ids.length; from += partsPerStep) {
      const rows = yield* step(
        sql.unsafe<PartRow>(parts, [JSON.stringify(ids.slice(from, from + partsPerStep))]),
        (found) => found.length * costs.part
      )
      for (const { id, texts: bytes } of rows) {
        const places = blocks.get(known.get(blockOfPart(id))!)
        const first = placeOfPart(id)
        const { ats, numbers, seqs } = partIn(bytes)
        for (let i = 0; i < ats.length; i++) {
          if (places !== undefined && places[first + i] !== 1) continue
          if (mayHave(numbers[i]!)) texts.push({ number: numbers[i]!, seq: seqs[i]!, at: ats[i]! })
        }
      }
    }
    return { texts, cost: ids.length * costs.part }
  })

  return { withColumn, textsOf }
}
