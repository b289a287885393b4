/** Bans in SQL. */
import { Effect } from "effect"
import type { Sql } from "./Dialect.ts"
import type { Ban } from "./MessageStore.ts"
import { numbers } from "./SqlRows.ts"

interface BanRow extends Pick<Ban, "kind" | "id" | "at"> {
  readonly until: number | null
  readonly reason: string | null
}

const banOf = ({ at, id, kind, reason, until }: BanRow): Ban => ({
  kind,
  id,
  at,
  ...(until === null ? undefined : { until }),
  ...(reason === null ? undefined : { reason })
})

export const bans = (sql: Sql) => ({
  putBan: ({ at, id, kind, reason, until }: Ban) =>
    Effect.asVoid(
      sql`INSERT INTO bans (kind, id, until, reason, at)
        VALUES (${kind}, ${id}, ${until ?? null}, ${reason ?? null}, ${at})
        ON CONFLICT (kind, id) DO UPDATE SET until = excluded.until, reason = excluded.reason, at = excluded.at`
    ),

  removeBan: ({ id, kind }: Pick<Ban, "kind" | "id">) =>
    Effect.map(sql`DELETE FROM bans WHERE kind = ${kind} AND id = ${id} RETURNING id`, (rows) => rows.length > 0),

  bans: Effect.map(
    Effect.suspend(() => sql<BanRow>`SELECT kind, id, until, reason, at FROM bans ORDER BY at, kind, id`),
    (rows) => rows.map((row) => banOf(numbers(row)))
  )
})
