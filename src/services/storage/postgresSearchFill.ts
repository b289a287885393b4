/**
 * What brings texts into the search index in Postgres: what commits have noted, and what was there before the index, the
 * newest first. One server at a time does it, so it sees what the one before has done; and what changes meanwhile has been
 * noted by whoever changes it, and is looked at again. So nobody who writes has to wait for it.
 */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { isFindable, type PlaceRow, places, placeValues } from "./postgresSearchIndex.ts"
import { indexed } from "./postgresSearchWords.ts"
import type { EntryRow } from "./Rows.ts"
import { numbers } from "./SqlRows.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

/** Entries looked at in one transaction: their words are made in one turn of the event loop. */
const step = 256
/** Transactions in which one call brings in what was noted; with more at once there would be no end under load. */
const maxSteps = 128
/** A span of time is to have so many parts, about. */
const parts = 8

type Result<A> = Effect.Effect<A, SqlError.SqlError>

interface State extends PlaceRow {
  readonly down_to: number
  readonly span: number
  readonly entries_left: number
}

/** No conversation is called so. */
const lowest = "" as ConversationId

const readEntries = `SELECT ${entryColumnsOfE} FROM ${places}
  JOIN entries e ON e.conversation = t.conversation AND e.seq = t.seq`

const remove = `DELETE FROM search_texts s USING ${places}
  WHERE s.at = t.at AND s.conversation = t.conversation AND s.seq = t.seq`

const add = `INSERT INTO search_texts (at, conversation, seq, sender, words)
  SELECT t.at, t.conversation, t.seq, t.sender, t.words::tsvector
  FROM unnest($1::text[]::int8[], $2::text[], $3::text[]::int8[], $4::text[], $5::text[])
    AS t (at, conversation, seq, sender, words) ON CONFLICT DO NOTHING`

/** Where it is the turn of this server; `undefined` where another one has it. */
const turn = (sql: Sql): Result<State | undefined> =>
  Effect.map(
    sql<State>`SELECT at, conversation, seq, down_to, span, entries_left FROM search_fill FOR UPDATE SKIP LOCKED`,
    ([state]) => state === undefined ? undefined : numbers(state)
  )

/** As they are by now. */
const addTexts = Effect.fnUntraced(function*(sql: Sql, wanted: ReadonlyArray<PlaceRow>) {
  if (wanted.length === 0) return
  const found = yield* sql.unsafe<EntryRow>(readEntries, placeValues(wanted))
  const texts = found.map(numbers).filter(isFindable)
  if (texts.length === 0) return
  yield* sql.unsafe(add, [...placeValues(texts), texts.map(({ sender }) => sender), texts.map(indexed)])
})

const take = (sql: Sql, table: "search_pending" | "search_stale"): Result<ReadonlyArray<PlaceRow>> =>
  Effect.map(
    sql.unsafe<PlaceRow>(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} LIMIT ${step}))
       RETURNING at, conversation, seq`
    ),
    (rows) => rows.map(numbers)
  )

/** Some of what was noted; answers whether there may be more. */
const noted = (sql: Sql): Result<boolean> =>
  Effect.gen(function*() {
    if ((yield* turn(sql)) === undefined) return false
    const stale = yield* take(sql, "search_stale")
    if (stale.length > 0) yield* sql.unsafe(remove, placeValues(stale))
    const pending = yield* take(sql, "search_pending")
    yield* addTexts(sql, [...stale, ...pending])
    return stale.length === step || pending.length === step
  }).pipe(sql.withTransaction)

/** Brings in what commits have noted; answers whether there was anything. */
const bringIn = Effect.fnUntraced(function*(sql: Sql): Effect.fn.Return<boolean, SqlError.SqlError> {
  const [row] = yield* sql<{ readonly any: boolean }>`SELECT EXISTS (SELECT 1 FROM search_pending)
    OR EXISTS (SELECT 1 FROM search_stale) AS any`
  if (row?.any !== true) return false
  for (let steps = 0; steps < maxSteps && (yield* noted(sql)); steps++);
  return true
})

/** What comes next of what was there before, the newest first; fewer than a part where the span ends. */
const placesOf = Effect.fnUntraced(function*(sql: Sql, { at, conversation, down_to, seq }: State) {
  // Whatever is known of the table, its blocks are in the order of time.
  yield* sql`SELECT set_config('enable_seqscan', 'off', true)`
  const rows = yield* sql<PlaceRow>`
    SELECT at, conversation, seq FROM entries
    WHERE at >= ${String(down_to)}::text::int8 AND at <= ${String(at)}::text::int8
      AND (at, conversation, seq) < (${String(at)}::text::int8, ${conversation}::text, ${String(seq)}::text::int8)
    ORDER BY at DESC, conversation DESC, seq DESC LIMIT ${step}`
  return rows.map(numbers)
})

/** The last span has all that is left. */
const lower = (at: number, span: number): number => at > span ? at - span : Number.MIN_SAFE_INTEGER

/** How far it is when these are in the index. */
const after = (state: State, found: ReadonlyArray<PlaceRow>): State => {
  const left = Math.max(1, state.entries_left - found.length)
  const last = found.at(-1)
  if (last !== undefined && found.length === step) {
    const span = Math.max(1, found[0]!.at - last.at) * parts
    return { ...last, down_to: Math.max(state.down_to, lower(last.at, span)), span, entries_left: left }
  }
  if (state.down_to === Number.MIN_SAFE_INTEGER) return { ...state, entries_left: 0 }
  const span = state.span * 2
  return {
    ...state,
    at: state.down_to,
    conversation: lowest,
    seq: 0,
    down_to: lower(state.down_to, span),
    span,
    entries_left: left
  }
}

/** A part of what was there before; answers how much is left. */
const older = (sql: Sql): Result<number> =>
  Effect.gen(function*() {
    const [known] = yield* sql<{ readonly entries_left: number }>`SELECT entries_left FROM search_fill`
    const left = Number(known?.entries_left ?? 0)
    if (left === 0) return 0
    const state = yield* turn(sql)
    if (state === undefined) return left
    if (state.entries_left === 0) return 0
    const found = yield* placesOf(sql, state)
    yield* addTexts(sql, found)
    const { at, conversation, down_to, entries_left, seq, span } = after(state, found)
    yield* sql`UPDATE search_fill SET at = ${String(at)}::text::int8, conversation = ${conversation}, seq = ${seq},
      down_to = ${String(down_to)}::text::int8, span = ${String(span)}::text::int8, entries_left = ${entries_left}`
    return entries_left
  }).pipe(sql.withTransaction)

/**
 * Texts that were brought in wait beside the index of words until somebody puts them there, and rows that were taken are in
 * the way until somebody makes room of them. The database does so by itself once in a minute, or in the course of a commit;
 * until then every search passes over them.
 */
const settle = Effect.fnUntraced(function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
  yield* sql`SELECT gin_clean_pending_list('search_texts_by_word')`
  // Not shortened, for which commits would have to wait.
  yield* sql`VACUUM (TRUNCATE false) search_pending, search_stale`
})

export const postgresSearchFill = (sql: Sql) => {
  let isSettled = true
  const notedNow = Effect.map(bringIn(sql), (any) => {
    if (any) isSettled = false
  })
  return {
    /** What commits have noted. */
    bringIn: notedNow,
    fill: Effect.andThen(
      notedNow,
      Effect.map(older(sql), (left) => {
        if (left > 0) isSettled = false
        return left
      })
    ),
    settle: Effect.suspend(() => {
      if (isSettled) return Effect.void
      isSettled = true
      return settle(sql)
    })
  }
}
