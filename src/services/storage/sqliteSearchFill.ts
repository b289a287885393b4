/**
 * What writes blocks, in short steps between which commits have their turn. One fiber at a time does it. A block that was
 * cut short has no size and is taken away; until it is ready, its texts are where they were.
 */
import { Effect, Semaphore } from "effect"
import type { SqlError } from "effect/sql"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import type { Now } from "../kernel/Monotonic.ts"
import type { Sql } from "./Dialect.ts"
import type { EntryRow } from "./Rows.ts"
import type { SearchSizesShape } from "./searchSizes.ts"
import { mergeBlocks } from "./sqliteSearchMerge.ts"
import { withoutBlock } from "./sqliteSearchParts.ts"
import { scrub } from "./sqliteSearchScrub.ts"
import type { SearchTail } from "./sqliteSearchTail.ts"
import { sqliteSearchWrite, type TextRow } from "./sqliteSearchWrite.ts"

type Result<A> = Effect.Effect<A, SqlError.SqlError>
type Row = TextRow & { readonly id: number } & Partial<Pick<EntryRow, "kind" | "flag">>

/** Texts read in one turn. */
const step = 256

/** For how long blocks may have words that are gone from the log, in milliseconds. */
const scrubMillis = 600_000

/** What a block keeps of an entry. */
const columns = "e.conversation, e.seq, e.sender, e.at, e.body, e.attachments"

/** Oldest first, so that what is found while they become a block is as old as can be. */
const pendingQuery = `SELECT p.id, ${columns} FROM search_pending p
  JOIN entries e ON e.conversation = p.conversation AND e.seq = p.seq AND e.kind = 'text' AND e.flag = 0
  WHERE p.id > ?1 AND p.id <= ?2 ORDER BY p.id LIMIT ?3`

const oldQuery = `SELECT e.rowid AS id, e.kind, e.flag, ${columns} FROM entries e
  WHERE e.rowid < ?1 ORDER BY e.rowid DESC LIMIT ?2`

export const sqliteSearchFill = (
  sql: Sql,
  tail: SearchTail,
  { block: blockSize }: SearchSizesShape,
  now: Now,
  onMerged: () => void
): Result<number> => {
  const alone = Semaphore.makeUnsafe(1)
  let isClean = false
  let scrubbedAt = now()
  const limit = Math.min(step, blockSize)
  const write = sqliteSearchWrite(sql)

  const number = (query: string, ...params: ReadonlyArray<number>): Result<number> =>
    Effect.map(
      sql.unsafe<{ readonly value: number | null }>(query, params),
      ([row]) => row?.value ?? 0
    )

  const read = Effect.fnUntraced(function*(
    query: string,
    params: (last: number | undefined) => ReadonlyArray<number>,
    isEnough: (rows: number) => boolean
  ) {
    const rows: Array<Row> = []
    while (true) {
      const some = yield* sql.unsafe<Row>(query, [...params(rows.at(-1)?.id), limit])
      for (const row of some) rows.push(row)
      if (some.length < limit || isEnough(rows.length)) return rows
      yield* nextTurn
    }
  })

  /** What has gathered becomes blocks; the rows go, but the last of all. */
  const pending = Effect.fnUntraced(function*() {
    while (true) {
      const first = yield* number("SELECT min(id) AS value FROM search_pending")
      const last = yield* number("SELECT max(id) AS value FROM search_pending")
      if (last - first < blockSize) return last
      const upTo = first + blockSize - 1
      yield* scrub(sql, upTo)
      const rows = yield* read(pendingQuery, (after = first - 1) => [after, upTo], () => false)
      yield* write(rows, sql`DELETE FROM search_pending WHERE id <= ${upTo}`)
      tail.forget(upTo)
    }
  })

  /** Where little is said, nothing that is gone waits for a block. */
  const scrubbed = Effect.fnUntraced(function*(last: number) {
    if (now() - scrubbedAt < scrubMillis) return
    yield* scrub(sql, last)
    scrubbedAt = now()
  })

  /** What was there before the index, downwards. */
  const old = Effect.fnUntraced(function*() {
    const below = yield* number("SELECT value FROM search_state WHERE name = 'below'")
    if (below <= 1) return 0
    const rows = yield* read(oldQuery, (before = below) => [before], (count) => count >= blockSize)
    const next = rows.length < blockSize ? 1 : rows.at(-1)!.id
    yield* write(
      rows.filter(({ flag, kind }) => kind === "text" && flag === 0),
      sql`UPDATE search_state SET value = ${next} WHERE name = 'below'`
    )
    return next - 1
  })

  /** Blocks that were not made ready go; and all of them where somebody has said so by removing what is known of the fill. */
  const clean = Effect.gen(function*() {
    if (isClean) return
    const known = yield* number("SELECT count(*) AS value FROM search_state WHERE name = 'below'")
    yield* sql.withTransaction(Effect.gen(function*() {
      if (known === 0) {
        yield* sql`DELETE FROM search_words`
        yield* sql`DELETE FROM search_texts`
        yield* sql`DELETE FROM search_blocks`
        yield* sql`INSERT INTO search_state (name, value) SELECT 'below', COALESCE(max(rowid), 0) + 1 FROM entries`
      }
    }))
    onMerged()
    for (const { block } of yield* sql<{ readonly block: number }>`SELECT block FROM search_blocks WHERE size = 0`) {
      yield* withoutBlock(sql, block)
    }
    isClean = true
  })

  return Effect.gen(function*() {
    yield* clean
    yield* scrubbed(yield* pending())
    const left = yield* old()
    yield* mergeBlocks(sql, blockSize, onMerged)
    return left
  }).pipe(
    Effect.onError(() =>
      Effect.sync(() => {
        isClean = false
      })
    ),
    alone.withPermits(1)
  )
}
