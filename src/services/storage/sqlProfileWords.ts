/** How people are found by the beginning of their names, in SQL. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { UserId } from "../../domain/Ids.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import { type FindOptions, type FoundPage, type FoundUser, mostPeers } from "./Directory.ts"
import { wordsOf } from "./profileRules.ts"
import { byKey, overRows } from "./SqlRows.ts"
import type { StoredProfile } from "./UserData.ts"

type Named = Pick<StoredProfile, "user" | "name">

export const addWords = (sql: Sql, people: ReadonlyArray<Named>): Effect.Effect<void, SqlError.SqlError> =>
  Effect.asVoid(overRows(
    sql,
    {
      key: "add profile words",
      types: ["text", "text"],
      template: (values) => `INSERT INTO profile_words (user_id, word) VALUES ${values} ON CONFLICT DO NOTHING`
    },
    people.toSorted(byKey(({ user }) => user)).flatMap((each) => wordsOf(each).map((word) => [each.user, word]))
  ))

export const removeWords = (sql: Sql, user: UserId) => sql`DELETE FROM profile_words WHERE user_id = ${user}`

/** After all that begins so: no character is larger. */
const endOf = (prefix: string): string => `${prefix}\u{10FFFF}`

const allTemplate = ({ value }: Dialect): string => {
  const [from, to, word, user, limit] = [1, 2, 3, 4, 5].map((place) => value(place, place === 5 ? "int8" : "text"))
  return `SELECT w.word, w.user_id AS "user" FROM profile_words w
    WHERE w.word >= ${from} AND w.word < ${to} AND (w.word, w.user_id) > (${word}, ${user})
    ORDER BY w.word, w.user_id LIMIT ${limit}`
}

/** From the side of whoever asks: however many are called so, few of them are known to one. */
const peersTemplate = ({ value }: Dialect): string => {
  const [from, to, word, user, limit, asker] = [1, 2, 3, 4, 5, 6].map((place) =>
    value(place, place === 5 ? "int8" : "text")
  )
  return `WITH seats AS (
      SELECT o.user_id FROM members m CROSS JOIN members o
      WHERE m.user_id = ${asker} AND m.left_seq IS NULL AND o.conversation = m.conversation AND o.left_seq IS NULL
      LIMIT ${mostPeers}
    ), peers AS (SELECT DISTINCT user_id FROM seats)
    SELECT w.word, w.user_id AS "user" FROM peers p CROSS JOIN profile_words w
    WHERE w.user_id = p.user_id AND w.word >= ${from} AND w.word < ${to} AND (w.word, w.user_id) > (${word}, ${user})
    ORDER BY w.word, w.user_id LIMIT ${limit}`
}

export const finding = (sql: Sql) => {
  const dialect = dialectOf(sql)
  const [all, peers] = [allTemplate(dialect), peersTemplate(dialect)]
  return ({ after, among, limit, prefix }: FindOptions): Effect.Effect<FoundPage, SqlError.SqlError> => {
    if (prefix === "") return Effect.succeed({ found: [], hasMore: false })
    // Postgres begins its walk of the index at the pair, so without a page before it the pair is the prefix itself.
    const values = [prefix, endOf(prefix), after?.word ?? prefix, after?.user ?? "", limit + 1]
    return Effect.map(
      among === undefined ? sql.unsafe<FoundUser>(all, values) : sql.unsafe<FoundUser>(peers, [...values, among]),
      (rows) => ({
        found: rows.slice(0, limit).map(({ user, word }) => ({ user, word })),
        hasMore: rows.length > limit
      })
    )
  }
}
