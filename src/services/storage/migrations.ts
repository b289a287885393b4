/** The tables, forward only. A released migration is never changed; the next one is added below. */
import { Clock, Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { type Dialect, dialectOf } from "./Dialect.ts"
import { StoreError } from "./MessageStore.ts"
import { profileTables } from "./profileTables.ts"
import { subscriptionTables } from "./subscriptionTables.ts"

const migration = (statements: (dialect: Dialect, now: number) => ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    for (const statement of statements(dialectOf(sql), yield* Clock.currentTimeMillis)) yield* sql.unsafe(statement).raw
  })

const v1 = migration(({ int, name, ordered }) => {
  // SQLite keeps rows in the order of the primary key; what one read needs lies together. Entries are the exception:
  // written one after another, whatever their conversation, they dirty half as many pages (measured: 29 instead of 38
  // microseconds for a message), and for the same reason they have no foreign key; a commit writes both.
  return [
    `CREATE TABLE conversations (
      id ${name} PRIMARY KEY NOT NULL,
      kind text NOT NULL,
      name text,
      head_seq ${int} NOT NULL,
      first_seq ${int} NOT NULL,
      vacant ${int} NOT NULL DEFAULT 0
    )${ordered}`,
    `CREATE TABLE members (
      user_id ${name} NOT NULL,
      conversation ${name} NOT NULL REFERENCES conversations (id),
      role text NOT NULL,
      joined_seq ${int} NOT NULL,
      left_seq ${int},
      read_seq ${int} NOT NULL,
      delivered_seq ${int} NOT NULL,
      PRIMARY KEY (user_id, conversation)
    )${ordered}`,
    `CREATE INDEX members_by_conversation ON members (conversation)`,
    `CREATE TABLE entries (
      conversation ${name} NOT NULL,
      seq ${int} NOT NULL,
      message_id text NOT NULL,
      sender ${name} NOT NULL,
      client_id ${name},
      kind text NOT NULL,
      target ${int},
      body text,
      flag ${int} NOT NULL,
      edited_at ${int},
      original text,
      at ${int} NOT NULL,
      PRIMARY KEY (conversation, seq)
    )`,
    `CREATE UNIQUE INDEX entries_by_client_id ON entries (sender, client_id) WHERE client_id IS NOT NULL`,
    `CREATE INDEX edits_by_target ON entries (conversation, target) WHERE kind = 'edit'`,
    `CREATE TABLE devices (
      user_id ${name} NOT NULL,
      device ${name} NOT NULL,
      conversation ${name} NOT NULL REFERENCES conversations (id),
      received_seq ${int} NOT NULL,
      PRIMARY KEY (user_id, device, conversation)
    )${ordered}`,
    `CREATE TABLE blocks (
      user_id ${name} NOT NULL,
      blocked ${name} NOT NULL,
      PRIMARY KEY (user_id, blocked)
    )${ordered}`,
    `CREATE TABLE store_check (padding text NOT NULL)`,
    `INSERT INTO store_check (padding) VALUES ('')`
  ]
})

const v2 = migration(({ int, name, ordered }) => [
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

const v3Blocks = migration(({ int, name, onPostgres, ordered }) => [
  // All of a large database may have to be gone through.
  ...onPostgres(
    `SET LOCAL statement_timeout = 0`,
    `CREATE INDEX entries_by_time ON entries USING brin (at) WITH (autosummarize = on)`
  ),
  `ALTER TABLE block_spans RENAME TO block_spans_before`,
  `DROP INDEX block_spans_by_blocked`,
  `CREATE TABLE block_spans (
      user_id ${name} NOT NULL,
      blocked ${name} NOT NULL,
      since ${int} NOT NULL,
      until ${int},
      delivered_seq ${int} NOT NULL,
      read_seq ${int} NOT NULL,
      other_delivered_seq ${int} NOT NULL,
      other_read_seq ${int} NOT NULL,
      PRIMARY KEY (user_id, blocked, since)
    )${ordered}`,
  // Bounded from here on: of a name 16, with the longest pauses between them; of a user those that ended last. Nobody has
  // 10,000 blocks who does not try what happens.
  `INSERT INTO block_spans
        (user_id, blocked, since, until, delivered_seq, read_seq, other_delivered_seq, other_read_seq)
      WITH paused AS (
        SELECT b.*, since - LAG(until) OVER (PARTITION BY user_id, blocked ORDER BY since) AS pause
        FROM block_spans_before b
      ), ranked AS (
        SELECT p.*, CASE WHEN pause > 0 AND ROW_NUMBER() OVER (
          PARTITION BY user_id, blocked ORDER BY COALESCE(pause, -1) DESC, since
        ) < 16 THEN 1 ELSE 0 END AS begins
        FROM paused p
      ), parts AS (
        SELECT r.*, SUM(begins) OVER (PARTITION BY user_id, blocked ORDER BY since) AS part FROM ranked r
      ), merged AS (
        SELECT user_id, blocked, MIN(since) AS since,
          CASE WHEN COUNT(until) = COUNT(*) THEN MAX(until) END AS until,
          MAX(delivered_seq) AS delivered_seq, MAX(read_seq) AS read_seq
        FROM parts GROUP BY user_id, blocked, part
      ), placed AS (
        SELECT m.*, CASE WHEN until IS NULL THEN 1 ELSE 0 END AS active, ROW_NUMBER() OVER (
          PARTITION BY user_id, CASE WHEN until IS NULL THEN 1 ELSE 0 END
          ORDER BY COALESCE(until, since) DESC, blocked, since
        ) AS place
        FROM merged m WHERE until IS NULL OR until > since
      )
      SELECT user_id, blocked, since, until, delivered_seq, read_seq, 0, 0 FROM placed
      WHERE place <= CASE WHEN active = 1 THEN 10000 ELSE 3000 END`,
  `DROP TABLE block_spans_before`,
  `CREATE INDEX block_spans_by_blocked ON block_spans (blocked, user_id)`
])

const v4 = migration(({ int, name, ordered }, now) => [
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

const v6 = migration(({ int }) => [
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

/** What several servers on one Postgres keep for each other (`Journal.ts`). A SQLite file is one server's. */
const nodes = migration(({ int, onPostgres }) => [
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
])

const steps = {
  "0001_log": v1,
  "0002_people": v2,
  "0003_blocks": v3Blocks,
  "0004_lists": v4,
  "0005_erasure": erasure,
  "0006_groups": v6,
  "0007_recent": recent,
  "0008_nodes": nodes,
  "0009_subscriptions": migration(subscriptionTables),
  "0010_profiles": migration(profileTables)
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
