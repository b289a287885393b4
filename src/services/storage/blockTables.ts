/** The tables of the migration `0003_blocks`. */
import type { Dialect } from "./Dialect.ts"

export const blockTables = ({ int, name, onPostgres, ordered }: Dialect): ReadonlyArray<string> => [
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
]
