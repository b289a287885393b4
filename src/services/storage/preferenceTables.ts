/** The tables of the migration `0015_preferences`. */
import type { Dialect } from "./Dialect.ts"

export const preferenceTables = ({ int, name, ordered }: Dialect): ReadonlyArray<string> => [
  // What others see of `read_seq` while a member reads privately; where it is null they see `read_seq`.
  `ALTER TABLE members ADD COLUMN shown_read_seq ${int}`,
  // Only of memberships with something to keep.
  `CREATE TABLE preferences (
      user_id ${name} NOT NULL,
      conversation ${name} NOT NULL,
      muted_until ${int},
      mutes_mentions ${int} NOT NULL,
      archived_seq ${int},
      marked_unread ${int} NOT NULL,
      PRIMARY KEY (user_id, conversation)
    )${ordered}`,
  `CREATE TABLE private_readers (user_id ${name} PRIMARY KEY NOT NULL)${ordered}`,
  `CREATE TABLE push_subscriptions (
      endpoint ${name} PRIMARY KEY NOT NULL,
      user_id ${name} NOT NULL,
      p256dh text NOT NULL,
      auth text NOT NULL,
      at ${int} NOT NULL
    )${ordered}`,
  `CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user_id, at)`
]
