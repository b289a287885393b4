/** The tables of the migration `0016_moderation`. */
import type { Dialect } from "./Dialect.ts"

export const moderationTables = ({ int, name, ordered }: Dialect): ReadonlyArray<string> => [
  // Beside the row of the conversation, which every message writes.
  `CREATE TABLE group_details (
      conversation ${name} PRIMARY KEY NOT NULL,
      description text,
      avatar ${name}
    )${ordered}`,
  `CREATE INDEX group_details_by_avatar ON group_details (avatar) WHERE avatar IS NOT NULL`,
  `CREATE TABLE group_bans (
      conversation ${name} NOT NULL,
      user_id ${name} NOT NULL,
      reason text,
      at ${int} NOT NULL,
      PRIMARY KEY (conversation, user_id)
    )${ordered}`,
  `CREATE TABLE group_invites (
      invite ${name} PRIMARY KEY NOT NULL,
      conversation ${name} NOT NULL,
      created_at ${int} NOT NULL,
      expires_at ${int},
      uses_left ${int}
    )${ordered}`,
  `CREATE INDEX group_invites_by_conversation ON group_invites (conversation, created_at)`,
  // With what the text was then, so that whoever deletes it does not hide it.
  `CREATE TABLE reports (
      id ${int} PRIMARY KEY NOT NULL,
      conversation ${name} NOT NULL,
      seq ${int} NOT NULL,
      author ${name} NOT NULL,
      reporter ${name} NOT NULL,
      reason text,
      text text NOT NULL,
      said_at ${int} NOT NULL,
      at ${int} NOT NULL,
      closed_at ${int}
    )`,
  `CREATE UNIQUE INDEX reports_by_reporter ON reports (reporter, conversation, seq)`,
  `CREATE INDEX reports_by_conversation ON reports (conversation, seq)`,
  `CREATE INDEX reports_by_author ON reports (author, id)`,
  `CREATE INDEX reports_open ON reports (id) WHERE closed_at IS NULL`,
  // They are numbered in the order of their commits, so that whoever tells of them misses none.
  `CREATE TABLE report_numbers (last ${int} NOT NULL)`,
  `INSERT INTO report_numbers (last) VALUES (0)`
]
