/** The tables of the migration `0014_words`: who is mentioned by a text, and what an app keeps with it. */
import type { Dialect } from "./Dialect.ts"

export const wordTables = ({ int, name, ordered }: Dialect): ReadonlyArray<string> => [
  `ALTER TABLE entries ADD COLUMN mentions text`,
  `ALTER TABLE entries ADD COLUMN data text`,
  // What is unread is looked for by its reader; everybody in a group is one row.
  `CREATE TABLE mentions (
      user_id ${name} NOT NULL,
      conversation ${name} NOT NULL,
      seq ${int} NOT NULL,
      PRIMARY KEY (user_id, conversation, seq)
    )${ordered}`,
  `CREATE INDEX mentions_by_entry ON mentions (conversation, seq)`
]
