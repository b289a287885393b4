/** The tables of the migration `0013_people`, and what they know of those who have a profile already. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { UserId } from "../../domain/Ids.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import { pictureSeq, profileHolder } from "./pictures.ts"
import { addWords } from "./sqlProfileWords.ts"

export const peopleTables = ({ name, ordered }: Dialect): ReadonlyArray<string> => [
  `ALTER TABLE profiles ADD COLUMN status text`,
  // Who said it last; what was there before came from the admin API.
  `ALTER TABLE profiles ADD COLUMN source text NOT NULL DEFAULT 'admin'`,
  // The name of each from each of its words on, and the id, without case and accents (\`profileRules.ts\`).
  `CREATE TABLE profile_words (
      user_id ${name} NOT NULL,
      word ${name} NOT NULL,
      PRIMARY KEY (user_id, word)
    )${ordered}`,
  `CREATE INDEX profile_words_by_word ON profile_words (word, user_id)`,
  // Pictures that are shown already are kept.
  `INSERT INTO file_uses (file, conversation, seq)
      SELECT f.file, '${profileHolder("" as UserId)}' || p.user_id, ${pictureSeq}
      FROM profiles p JOIN files f ON f.file = p.avatar WHERE f.state = 'ready'`,
  `UPDATE files SET used = 1 WHERE file IN (SELECT file FROM file_uses WHERE seq = ${pictureSeq}) AND used <> 1`
]

/** Profiles in one step. */
const page = 500

export const fillWords = Effect.fnUntraced(function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
  if (!dialectOf(sql).embedded) yield* sql.unsafe("SET LOCAL statement_timeout = 0")
  for (let after: string | undefined = ""; after !== undefined;) {
    const rows: ReadonlyArray<{ readonly user_id: UserId; readonly name: string | null }> = yield* sql<
      { readonly user_id: UserId; readonly name: string | null }
    >`SELECT user_id, name FROM profiles WHERE user_id > ${after} ORDER BY user_id LIMIT ${page}`
    yield* addWords(
      sql,
      rows.map(({ name, user_id }) => ({ user: user_id, ...(name === null ? undefined : { name }) }))
    )
    after = rows.length < page ? undefined : rows.at(-1)!.user_id
  }
})
