/** Preferences in SQL. */
import { Effect } from "effect"
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import {
  changePreferences,
  columnsOf,
  isWithout,
  noPreferences,
  type PreferenceColumns,
  type PreferenceRow,
  preferencesOf
} from "./preferenceRules.ts"
import { type ChangedPreferences, type PreferenceChange, Preferences } from "./Preferences.ts"
import { orStoreError } from "./sqlErrors.ts"
import { numbers } from "./SqlRows.ts"

/** Of a membership `m` of the conversation `c`; `f` is joined by `joinPreferences`. */
export const preferenceColumns = `f.muted_until, f.mutes_mentions, f.marked_unread,
    CASE WHEN f.archived_seq >= c.last_seq THEN 1 ELSE 0 END AS archived`

export const joinPreferences = "LEFT JOIN preferences f ON f.user_id = m.user_id AND f.conversation = m.conversation"

/** Those of all of a user's memberships that have any. */
export const preferencesOfUser = (sql: Sql, user: UserId) =>
  Effect.map(
    sql<PreferenceColumns & { readonly conversation: ConversationId }>`
      SELECT m.conversation, ${
      sql.literal(preferenceColumns)
    } FROM members m JOIN conversations c ON c.id = m.conversation
      ${sql.literal(joinPreferences)} WHERE m.user_id = ${user} AND f.user_id IS NOT NULL`,
    (rows) =>
      new Map(
        rows.map(numbers).map((row): [ConversationId, ConversationPreferences] => [
          row.conversation,
          preferencesOf(row)
        ])
      )
  )

const put = Effect.fnUntraced(function*(sql: Sql, user: UserId, conversation: ConversationId, row: PreferenceRow) {
  if (isWithout(row)) {
    yield* sql`DELETE FROM preferences WHERE user_id = ${user} AND conversation = ${conversation}`
    return
  }
  yield* sql`INSERT INTO preferences (user_id, conversation, muted_until, mutes_mentions, archived_seq, marked_unread)
    VALUES (${user}, ${conversation}, ${row.muted_until}, ${row.mutes_mentions}, ${row.archived_seq}, ${row.marked_unread})
    ON CONFLICT (user_id, conversation) DO UPDATE SET muted_until = excluded.muted_until,
      mutes_mentions = excluded.mutes_mentions, archived_seq = excluded.archived_seq,
      marked_unread = excluded.marked_unread`
})

export const make = (sql: Sql): Preferences["Service"] => {
  const { alone, embedded, forUpdate } = dialectOf(sql)
  const present = sql.literal(embedded ? "" : "FOR KEY SHARE OF m")

  const change = Effect.fnUntraced(
    function*(user: UserId, conversation: ConversationId, change: PreferenceChange) {
      // One change of a user's at a time; a commit that ends a mark waits for the row.
      yield* alone(sql, `preferences ${user}`)
      const [member] = yield* sql<{ head_seq: number; last_seq: number }>`
        SELECT c.head_seq, c.last_seq FROM members m JOIN conversations c ON c.id = m.conversation
        WHERE m.user_id = ${user} AND m.conversation = ${conversation} AND m.left_seq IS NULL ${present}`
      if (member === undefined) return undefined
      const [found] = yield* sql<PreferenceRow>`
        SELECT muted_until, mutes_mentions, archived_seq, marked_unread FROM preferences
        WHERE user_id = ${user} AND conversation = ${conversation} ${sql.literal(forUpdate)}`
      const { head_seq: headSeq, last_seq: lastSeq } = numbers(member)
      const before = found === undefined ? noPreferences : numbers(found)
      const { changed, row } = changePreferences(before, change, { headSeq, lastSeq })
      yield* put(sql, user, conversation, row)
      return { preferences: preferencesOf(columnsOf(row, lastSeq)), changed } satisfies ChangedPreferences
    },
    sql.withTransaction
  )

  return Preferences.of({
    change: Effect.fn("Preferences.change")(change, orStoreError),

    settings: Effect.fn("Preferences.settings")(function*(user) {
      const [row] = yield* sql`SELECT 1 FROM private_readers WHERE user_id = ${user}`
      return { readPrivately: row !== undefined }
    }, orStoreError),

    setSettings: Effect.fn("Preferences.setSettings")(function*(user, { readPrivately }) {
      const rows = readPrivately
        ? yield* sql`INSERT INTO private_readers (user_id) VALUES (${user}) ON CONFLICT DO NOTHING RETURNING user_id`
        : yield* sql`DELETE FROM private_readers WHERE user_id = ${user} RETURNING user_id`
      return rows.length > 0
    }, orStoreError)
  })
}
