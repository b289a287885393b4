/** The statements of a search in Postgres. They find places; whether there still is what is looked for, the entries say. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import type { Sql } from "./Dialect.ts"
import { numbers } from "./SqlRows.ts"

/** What the texts have to be that are looked for. */
export interface Wanted {
  readonly user: UserId | undefined
  readonly conversation: ConversationId | undefined
  readonly sender: UserId | undefined
  readonly afterAt: number
  /** Each part of what the words have to be, as `tsquery`. */
  readonly parts: ReadonlyArray<string>
}

/** Places that one statement answers at most; with so many there may be more. */
export const mostPlaces = 200

/**
 * Of connections that only search has, so that others never wait for it. Each statement is planned for what it asks, and
 * without what would read whole tables, whatever is known of them by then. Its timeout is in milliseconds.
 */
export const searchParameters = {
  plan_cache_mode: "force_custom_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  statement_timeout: "2000"
}

/** A text takes about as many bytes of the table. */
const bytesPerText = 250

interface Row {
  readonly what: number
  readonly at: number
  readonly conversation: ConversationId
  readonly seq: number
}

interface Sample {
  readonly texts: number
  readonly looked: number
  readonly having: number
}

/** The conversations that are searched, where they are few and have few entries. */
export interface Scope {
  readonly conversations: ReadonlyArray<ConversationId>
  readonly from: ReadonlyArray<number>
}

export interface Few {
  readonly conversations: number
  readonly entries: number
}

const order = "ORDER BY at DESC, conversation DESC, seq DESC"

/** Of a row `s`, by these values: place, time, words, conversation, sender, and in the end the user. */
const behind = "(s.at, s.conversation, s.seq) < ($1::text::int8, $2::text, $3::text::int8) AND s.at > $4::text::int8"
const fitting = `($5::text IS NULL OR s.words @@ $5::text::tsquery) AND ($6::text IS NULL OR s.conversation = $6::text)
  AND ($7::text IS NULL OR s.sender = $7::text)`

/**
 * For each row by itself, by the key of the membership: whether it is over is asked of the row, or else a plan could go
 * through all that the user has, each time.
 */
const isVisible = (user: string | undefined): string =>
  user === undefined ? "" : `CROSS JOIN LATERAL (SELECT m.left_seq, m.joined_seq FROM members m
    WHERE m.user_id = ${user} AND m.conversation = s.conversation OFFSET 0) AS v`
const visible = (user: string | undefined): string =>
  user === undefined ? "" : "AND v.left_seq IS NULL AND v.joined_seq <= s.seq"

/** Texts that are noted, and not in the index yet. */
const pendingText = (user: string | undefined): string => `
  SELECT -3 AS what, s.at, s.conversation, s.seq FROM search_pending s ${isVisible(user)}
  WHERE ${behind} AND ($5::text IS NULL OR s.conversation = $5::text) ${visible(user)}`

/** How many of the next texts have each part; there are as many as can tell what is rare. */
const sampleText = `
  WITH size AS (SELECT pg_relation_size('search_texts') / ${bytesPerText} AS texts),
  look AS MATERIALIZED (SELECT s.words FROM search_texts s WHERE ${behind} ${order}
    LIMIT (SELECT GREATEST(1024, LEAST(32768, 2 * texts / $5::text::int8)) FROM size)),
  looked AS (SELECT count(*) AS looked FROM look)
  SELECT texts, looked, (SELECT count(*) FROM look WHERE words @@ p.part::tsquery) AS having
  FROM size, looked, unnest($6::text[]) WITH ORDINALITY AS p (part, place) ORDER BY p.place`

/** The order is that of the index, so it ends with as many as are wanted. */
const walkText = (user: string | undefined): string => `
  SELECT -3 AS what, s.at, s.conversation, s.seq
  FROM (SELECT * FROM search_texts s WHERE ${behind} ${order} LIMIT $8::text::int8) AS s ${isVisible(user)}
  WHERE ${fitting} ${visible(user)} ORDER BY s.at DESC, s.conversation DESC, s.seq DESC LIMIT $9::text::int8`

const endText = `SELECT at, conversation, seq FROM search_texts s WHERE ${behind} ${order}
  LIMIT 1 OFFSET $5::text::int8 - 1`

const indexText = (user: string | undefined): string => `
  WITH found AS MATERIALIZED (SELECT s.at, s.conversation, s.seq FROM search_texts s
    WHERE s.words @@ $8::text::tsquery AND ${behind} AND ${fitting})
  SELECT -3 AS what, s.at, s.conversation, s.seq FROM found s ${isVisible(user)}
  WHERE true ${visible(user)} ${order} LIMIT ${mostPlaces}`

const throughText = `
  SELECT -3 AS what, s.at, s.conversation, s.seq
  FROM unnest($8::text[], $9::text[]::int8[]) AS o (conversation, low)
  CROSS JOIN LATERAL (SELECT e.at, e.seq FROM entries e WHERE e.conversation = o.conversation AND e.seq >= o.low
    AND e.kind = 'text' AND e.flag = 0 OFFSET 0) AS e
  CROSS JOIN LATERAL (SELECT s.* FROM search_texts s
    WHERE s.at = e.at AND s.conversation = o.conversation AND s.seq = e.seq LIMIT 1) AS s
  WHERE ${behind} AND ${fitting} ${order} LIMIT ${mostPlaces}`

const texts = {
  pending: { all: pendingText(undefined), user: pendingText("$6::text") },
  walk: { all: walkText(undefined), user: walkText("$10::text") },
  index: { all: indexText(undefined), user: indexText("$9::text") }
}

/** Memberships that are over are among them, so that no more are looked at. */
const scopeText = (user: UserId | undefined) =>
  user === undefined
    ? `SELECT c.id AS conversation, c.first_seq AS low, c.head_seq - c.first_seq + 1 AS many, 1 AS present
       FROM conversations c WHERE c.id = $1::text`
    : `SELECT m.conversation, GREATEST(m.joined_seq, c.first_seq) AS low,
         c.head_seq - GREATEST(m.joined_seq, c.first_seq) + 1 AS many,
         CASE WHEN m.left_seq IS NULL THEN 1 ELSE 0 END AS present
       FROM (SELECT conversation, joined_seq, left_seq FROM members WHERE user_id = $2::text
         AND ($1::text IS NULL OR conversation = $1::text) ORDER BY conversation LIMIT $3::text::int8) AS m
       JOIN conversations c ON c.id = m.conversation`

interface ScopeRow {
  readonly conversation: ConversationId
  readonly low: number
  readonly many: number
  readonly present: number
}

export const postgresSearchReads = (sql: Sql, { afterAt, conversation, parts, sender, user }: Wanted) => {
  const asked = <Found extends object>(text: string, params: ReadonlyArray<unknown>) =>
    Effect.map(sql.unsafe<Found>(text, params), (rows) => rows.map(numbers))

  const all = parts.length === 0 ? null : parts.join(" & ")
  const common = ({ at, conversation: behind, seq }: SearchPlace) =>
    [String(at), behind, String(seq), String(afterAt), all, conversation ?? null, sender ?? null] as const
  const ofUser = user === undefined ? [] : [user]
  const which = user === undefined ? "all" : "user"
  const placesIn = (rows: ReadonlyArray<Row>): ReadonlyArray<SearchPlace> =>
    rows.filter(({ what }) => what === -3).map(({ at, conversation, seq }) => ({ at, conversation, seq }))

  return {
    /** Whatever it says; in no order. */
    pending: ({ at, conversation: behind, seq }: SearchPlace) =>
      Effect.map(
        asked<Row>(texts.pending[which], [
          String(at),
          behind,
          String(seq),
          String(afterAt),
          conversation ?? null,
          ...ofUser
        ]),
        placesIn
      ),

    /** The parts that no more texts have than so many, about. */
    rare: (after: SearchPlace, most: number): Effect.Effect<ReadonlyArray<string>, SqlError.SqlError> =>
      parts.length === 0 ? Effect.succeed([]) : Effect.map(
        asked<Sample>(sampleText, [...common(after).slice(0, 4), String(most), parts]),
        // One more than was seen, because the next may be it.
        (rows) => parts.filter((_, i) => (rows[i]!.having + 1) / Math.max(1, rows[i]!.looked) * rows[i]!.texts <= most)
      ),

    /** What fits of as many texts behind this place, and at most so much of it. */
    walk: (after: SearchPlace, size: number, most: number) =>
      Effect.map(asked<Row>(texts.walk[which], [...common(after), String(size), String(most), ...ofUser]), placesIn),

    /** Where so many texts behind this place end, if there are as many. */
    end: (after: SearchPlace, size: number): Effect.Effect<SearchPlace | undefined, SqlError.SqlError> =>
      Effect.map(asked<SearchPlace>(endText, [...common(after).slice(0, 4), String(size)]), ([place]) => place),

    /** All behind this place that have these parts, which are rare. */
    index: (after: SearchPlace, rare: ReadonlyArray<string>) =>
      Effect.map(
        asked<Row>(texts.index[which], [...common(after), rare.join(" & "), ...ofUser]),
        placesIn
      ),

    /** `undefined` where it would be too much to go through. */
    scope: Effect.fnUntraced(function*(most: Few): Effect.fn.Return<Scope | undefined, SqlError.SqlError> {
      if (user === undefined && conversation === undefined) return undefined
      const all = yield* asked<ScopeRow>(
        scopeText(user),
        user === undefined ? [conversation] : [conversation ?? null, user, String(most.conversations + 1)]
      )
      const rows = all.filter(({ present }) => present === 1)
      const many = rows.reduce((sum, row) => sum + row.many, 0)
      if (all.length > most.conversations || many > most.entries) return undefined
      return { conversations: rows.map((row) => row.conversation), from: rows.map(({ low }) => low) }
    }),

    /** All behind this place in these conversations. */
    through: (after: SearchPlace, { conversations, from }: Scope) =>
      Effect.map(asked<Row>(throughText, [...common(after), conversations, from.map(String)]), placesIn)
  }
}
