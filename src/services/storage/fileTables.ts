/** The tables of the migration `0011_files`. */
import type { Dialect } from "./Dialect.ts"

export const fileTables = ({ int, name, ordered }: Dialect): ReadonlyArray<string> => [
  `ALTER TABLE entries ADD COLUMN attachments text`,
  // `used` is 0 until a message names it, then 1, and 2 once it has lost one: whether it has another is looked up later.
  `CREATE TABLE files (
      file ${name} PRIMARY KEY NOT NULL,
      owner ${name} NOT NULL,
      name text NOT NULL,
      type text NOT NULL,
      size ${int} NOT NULL,
      sha256 text,
      state text NOT NULL,
      at ${int} NOT NULL,
      used ${int} NOT NULL DEFAULT 0
    )${ordered}`,
  `CREATE INDEX files_by_owner ON files (owner, file)`,
  // Most are ready: what is looked for among millions of them is in small indexes.
  `CREATE INDEX files_by_state ON files (state, file) WHERE state <> 'ready'`,
  `CREATE INDEX files_of_owner_by_state ON files (owner, state, file) WHERE state <> 'ready'`,
  `CREATE INDEX files_without_message ON files (used, at) WHERE used <> 1 AND state <> 'removing'`,
  `CREATE TABLE file_uses (
      file ${name} NOT NULL,
      conversation ${name} NOT NULL,
      seq ${int} NOT NULL,
      PRIMARY KEY (file, conversation, seq)
    )${ordered}`,
  `CREATE INDEX file_uses_by_entry ON file_uses (conversation, seq)`,
  // What each has taken, so that an upload costs the same however many files somebody has.
  `CREATE TABLE file_room (
      owner ${name} PRIMARY KEY NOT NULL,
      files ${int} NOT NULL,
      bytes ${int} NOT NULL
    )${ordered}`,
  `CREATE TABLE server_keys (name ${name} PRIMARY KEY NOT NULL, key text NOT NULL)${ordered}`
]
