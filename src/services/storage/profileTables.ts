/** The tables of the migration `0010_profiles`. */
import type { Dialect } from "./Dialect.ts"

export const profileTables = ({ int, name, onPostgres, ordered }: Dialect): ReadonlyArray<string> => [
  `CREATE TABLE profiles (
      user_id ${name} PRIMARY KEY NOT NULL,
      name text,
      avatar text,
      updated_at ${int} NOT NULL
    )${ordered}`,
  // Users are listed in the order of the bytes of their names, and a page begins anywhere.
  ...onPostgres(`CREATE INDEX bans_by_name ON bans (kind, id COLLATE "C")`)
]
