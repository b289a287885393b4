/** The tables of the migration `0008_nodes`: what several servers on one Postgres keep for each other (`Journal.ts`). A SQLite file is one server's. */
import type { Dialect } from "./Dialect.ts"

export const nodeTables = ({ int, onPostgres }: Dialect): ReadonlyArray<string> => [
  `ALTER TABLE conversations ADD COLUMN head_epoch ${int}`,
  `ALTER TABLE conversations ADD COLUMN head_offset ${int}`,
  ...onPostgres(
    `CREATE SEQUENCE epoch_numbers`,
    `CREATE SEQUENCE order_numbers`,
    `CREATE TABLE epochs (
      epoch int8 PRIMARY KEY,
      node text NOT NULL,
      beat_at timestamptz NOT NULL,
      ended bool NOT NULL DEFAULT false,
      first_offset int8 NOT NULL DEFAULT 1
    )`,
    // An epoch that was forgotten cannot be written in any more, whoever still believes that it is theirs.
    `CREATE TABLE journal (
      epoch int8 NOT NULL REFERENCES epochs (epoch),
      at_offset int8 NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      body text NOT NULL,
      PRIMARY KEY (epoch, at_offset)
    )`,
    // Whoever is about to connect asks for another when the database has crashed.
    `CREATE UNLOGGED TABLE tickets (hash text PRIMARY KEY, body text NOT NULL, expires_at int8 NOT NULL)`,
    `CREATE TABLE cluster_key (only_one bool PRIMARY KEY DEFAULT true CHECK (only_one), key bytea NOT NULL)`
  )
]
