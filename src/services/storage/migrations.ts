/** The tables, forward only. A released migration is never changed; the next one is added below. */
import { Clock, Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { blockTables } from "./blockTables.ts"
import { type Dialect, dialectOf } from "./Dialect.ts"
import { fileTables } from "./fileTables.ts"
import { logTables } from "./logTables.ts"
import { StoreError } from "./MessageStore.ts"
import { moderationTables } from "./moderationTables.ts"
import { nodeTables } from "./nodeTables.ts"
import { fillWords, peopleTables } from "./peopleTables.ts"
import { preferenceTables } from "./preferenceTables.ts"
import { profileTables } from "./profileTables.ts"
import { searchTables } from "./searchTables.ts"
import { subscriptionTables } from "./subscriptionTables.ts"
import { wordTables } from "./wordTables.ts"

const migration = (statements: (dialect: Dialect, now: number) => ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    for (const statement of statements(dialectOf(sql), yield* Clock.currentTimeMillis)) yield* sql.unsafe(statement).raw
  })

const people = migration(({ int, name, ordered }) => [
  `CREATE TABLE bans (
      kind text NOT NULL,
      id text NOT NULL,
      until ${int},
      reason text,
      at ${int} NOT NULL,
      PRIMARY KEY (kind, id)
    )`,
  `CREATE TABLE last_seen (user_id ${name} PRIMARY KEY NOT NULL, at ${int} NOT NULL)${ordered}`,
  `ALTER TABLE conversations ADD COLUMN history text`,
  // A block is a span of time: what was said within it stays unseen when it is over.
  `CREATE TABLE block_spans (
      user_id ${name} NOT NULL,
      blocked ${name} NOT NULL,
      since ${int} NOT NULL,
      until ${int},
      delivered_seq ${int} NOT NULL,
      read_seq ${int} NOT NULL,
      PRIMARY KEY (user_id, blocked, since)
    )${ordered}`,
  `CREATE INDEX block_spans_by_blocked ON block_spans (blocked, user_id)`,
  `INSERT INTO block_spans (user_id, blocked, since, delivered_seq, read_seq)
      SELECT user_id, blocked, 0, 0, 0 FROM blocks`,
  `DROP TABLE blocks`
])

const lists = migration(({ int, name, ordered }, now) => [
  // What the ids of removed entries stood for, so that a retry is known.
  `CREATE TABLE spent_ids (
      sender ${name} NOT NULL,
      client_id ${name} NOT NULL,
      conversation ${name} NOT NULL,
      seq ${int} NOT NULL,
      message_id text NOT NULL,
      kind text NOT NULL,
      target ${int},
      flag ${int} NOT NULL,
      original text,
      at ${int} NOT NULL,
      PRIMARY KEY (sender, client_id)
    )${ordered}`,
  `CREATE INDEX spent_ids_by_time ON spent_ids (at)`,
  // When a device of that name last confirmed something, about; those that are not used are forgotten.
  `CREATE TABLE device_uses (
      user_id ${name} NOT NULL,
      device ${name} NOT NULL,
      used_at ${int} NOT NULL,
      PRIMARY KEY (user_id, device)
    )${ordered}`,
  `CREATE INDEX device_uses_by_time ON device_uses (used_at)`,
  `INSERT INTO device_uses (user_id, device, used_at) SELECT DISTINCT user_id, device, ${now} FROM devices
      WHERE device <> 'default'`
])

/** Where an erased user ended: whoever has the name next begins behind it, and servers hear of it. */
const erasure = migration(({ int, name, ordered }) => [
  `CREATE TABLE erasures (
      user_id ${name} NOT NULL,
      conversation ${name} NOT NULL,
      seq ${int} NOT NULL,
      id ${int} NOT NULL,
      PRIMARY KEY (user_id, conversation)
    )${ordered}`,
  `CREATE UNIQUE INDEX erasures_by_id ON erasures (id)`
])

const groups = migration(({ int }) => [
  // Grows with every change of a group's members, so that whoever remembers them knows when they are others.
  `ALTER TABLE conversations ADD COLUMN version ${int} NOT NULL DEFAULT 0`,
  `CREATE INDEX reactions_by_target ON entries (conversation, target, sender, body, seq) WHERE kind = 'reaction'`,
  // Erasures left groups without an owner: the first admin or member becomes one.
  `UPDATE members SET role = 'owner' WHERE conversation IN (
        SELECT m.conversation FROM members m
        WHERE m.conversation >= 'group:' AND m.conversation < 'group;' AND m.left_seq IS NULL
        GROUP BY m.conversation HAVING count(CASE WHEN m.role = 'owner' THEN 1 END) = 0
      ) AND user_id = (
        SELECT f.user_id FROM members f WHERE f.conversation = members.conversation AND f.left_seq IS NULL
        ORDER BY CASE WHEN f.role = 'admin' THEN 0 ELSE 1 END, f.joined_seq, f.user_id LIMIT 1
      )`
])

/** What was said last, and the lists of conversations in that order (`recent.ts`). */
const recent = migration(({ int, onPostgres }) => [
  ...onPostgres(`SET LOCAL statement_timeout = 0`),
  `ALTER TABLE conversations ADD COLUMN last_seq ${int} NOT NULL DEFAULT 0`,
  `ALTER TABLE conversations ADD COLUMN last_at ${int} NOT NULL DEFAULT 0`,
  `ALTER TABLE members ADD COLUMN active_at ${int} NOT NULL DEFAULT 0`,
  `UPDATE conversations SET last_seq = COALESCE((SELECT e.seq FROM entries e
      WHERE e.conversation = conversations.id AND e.kind IN ('text', 'group') ORDER BY e.seq DESC LIMIT 1), 0)`,
  `UPDATE conversations SET last_at = COALESCE((SELECT e.at FROM entries e
      WHERE e.conversation = conversations.id AND e.seq = conversations.last_seq), 0)`,
  `UPDATE members SET active_at = (SELECT
      CASE WHEN c.kind = 'group' THEN ${Number.MAX_SAFE_INTEGER} ELSE c.last_at - c.last_at % 60000 END
      FROM conversations c WHERE c.id = members.conversation)`,
  `CREATE INDEX members_by_activity ON members (user_id, active_at, conversation) WHERE left_seq IS NULL`
])

const steps = {
  "0001_log": migration(logTables),
  "0002_people": people,
  "0003_blocks": migration(blockTables),
  "0004_lists": lists,
  "0005_erasure": erasure,
  "0006_groups": groups,
  "0007_recent": recent,
  "0008_nodes": migration(nodeTables),
  "0009_subscriptions": migration(subscriptionTables),
  "0010_profiles": migration(profileTables),
  "0011_files": migration(fileTables),
  "0012_search": migration(searchTables),
  "0013_people": Effect.andThen(migration(peopleTables), Effect.flatMap(SqlClient.SqlClient, fillWords)),
  "0014_words": migration(wordTables),
  "0015_preferences": migration(preferenceTables),
  "0016_moderation": migration(moderationTables)
}

export const migrations = Migrator.fromRecord(steps)

const versionIn = (name: string): number => Number.parseInt(name, 10)

/** The tables as an older version left them. */
export const migrationsUpTo = (version: number) =>
  Migrator.fromRecord(Object.fromEntries(Object.entries(steps).filter(([name]) => versionIn(name) <= version)))

/** The newest migration that this version knows. */
export const newest = Math.max(...Object.keys(steps).map(versionIn))

export const table = "switchboard_migrations"

/** Why tables of that version cannot be used. A server brings older ones up to date; whoever only looks at them cannot. */
export const versionProblem = (what: string, version: number, lookingAt?: { readonly empty: string }) => {
  const message = version > newest
    ? `${what} was written by a newer Switchboard; update this one.`
    : lookingAt === undefined || version === newest
    ? undefined
    : version === 0
    ? lookingAt.empty
    : `${what} is of an older Switchboard; start a server of this version on it first.`
  return message === undefined ? undefined : new StoreError({ kind: "unavailable", message })
}
