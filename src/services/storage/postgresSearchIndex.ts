/** What a commit, an erasure and a trim tell the search index in Postgres: which texts it has to look at. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Sql } from "./Dialect.ts"
import type { EntryRow } from "./Rows.ts"
import type { SearchIndex } from "./SearchIndex.ts"

type Told = Effect.Effect<unknown, SqlError.SqlError>

export type PlaceRow = Pick<EntryRow, "at" | "conversation" | "seq">

/** Any number of rows as values of one statement: times, conversations and seqs. */
export const placeValues = (rows: ReadonlyArray<PlaceRow>): ReadonlyArray<ReadonlyArray<string>> => [
  rows.map(({ at }) => String(at)),
  rows.map(({ conversation }) => conversation),
  rows.map(({ seq }) => String(seq))
]

export const places = "unnest($1::text[]::int8[], $2::text[], $3::text[]::int8[]) AS t (at, conversation, seq)"

const note = (sql: Sql, table: "search_pending" | "search_stale", rows: ReadonlyArray<PlaceRow>): Told =>
  rows.length === 0
    ? Effect.void
    : sql.unsafe(`INSERT INTO ${table} SELECT * FROM ${places}`, placeValues(rows))

export const isFindable = ({ body, flag, kind }: EntryRow): boolean => kind === "text" && flag === 0 && body !== null

export const postgresSearchIndex: SearchIndex = {
  written: (sql, added, changed) =>
    changed.length === 0
      ? note(sql, "search_pending", added.filter(isFindable))
      : Effect.andThen(
        note(sql, "search_pending", [...added, ...changed].filter(isFindable)),
        note(sql, "search_stale", changed)
      ),
  wiped: (sql, conversation, user, from, to) =>
    sql`INSERT INTO search_stale SELECT at, conversation, seq FROM entries
      WHERE conversation = ${conversation} AND seq >= ${from} AND seq <= ${to} AND sender = ${user} AND kind = 'text'
        AND flag = 0`,
  trimmed: (sql, conversation, kept) =>
    sql`INSERT INTO search_stale SELECT at, conversation, seq FROM entries
      WHERE conversation = ${conversation} AND seq < ${kept} AND kind = 'text' AND flag = 0`
}
