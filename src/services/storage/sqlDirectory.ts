/** Who is known to a store, in SQL. */
import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { defined } from "../../domain/defined.ts"
import type { UserId } from "../../domain/Ids.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import { Directory, type KnownUser, type StoreSize } from "./Directory.ts"
import { longReads } from "./longReads.ts"
import { orStoreError } from "./sqlErrors.ts"
import { profiles } from "./sqlProfiles.ts"
import { finding } from "./sqlProfileWords.ts"
import { numbers, overRows } from "./SqlRows.ts"

interface KnownRow {
  readonly user_id: UserId
  readonly name: string | null
  readonly at: number | null
}

const knownOf = ({ at, name, user_id }: KnownRow): KnownUser => ({
  user: user_id,
  ...(name === null ? undefined : { name }),
  ...(at === null ? undefined : { lastSeen: at })
})

/**
 * The first names of four tables, each read along its own index. A user has many memberships, so of these one after the
 * other is looked up: from one name to the next there is one step, however many rows lie between.
 */
const listTemplate = ({ embedded, value }: Dialect): string => {
  const [after, limit] = [value(1, "text"), value(2, "int8")]
  const banned = embedded ? "id" : `id COLLATE "C"`
  const next = (name: string) => `(SELECT user_id FROM members WHERE user_id > ${name} ORDER BY user_id LIMIT 1)`
  const firstOf = (table: string) =>
    `SELECT user_id FROM (
      SELECT user_id FROM ${table} WHERE user_id > ${after} ORDER BY user_id LIMIT ${limit}) AS of_${table}`
  return `
  WITH RECURSIVE named (user_id, place) AS (
    SELECT ${next(after)}, 1
    UNION ALL
    SELECT ${next("named.user_id")}, place + 1 FROM named WHERE named.user_id IS NOT NULL AND place < ${limit}
  ), known AS (
    SELECT user_id FROM named WHERE user_id IS NOT NULL
    UNION ${firstOf("last_seen")}
    UNION ${firstOf("profiles")}
    UNION SELECT user_id FROM (SELECT ${banned} AS user_id FROM bans
      WHERE kind = 'user' AND ${banned} > ${after} ORDER BY ${banned} LIMIT ${limit}) AS of_bans
    ORDER BY 1 LIMIT ${limit}
  )
  SELECT k.user_id, p.name, s.at FROM known k
  LEFT JOIN profiles p ON p.user_id = k.user_id
  LEFT JOIN last_seen s ON s.user_id = k.user_id
  ORDER BY k.user_id`
}

/** The groups of a user lie together. */
const isGroup = "conversation >= 'group:' AND conversation < 'group;'"

const userOf = (sql: Sql) => {
  const { profiles: profilesOf } = profiles(sql)
  return Effect.fnUntraced(function*(user: UserId) {
    const [counted] = yield* sql<{ all_of: number; conversations: number; groups: number }>`
      SELECT count(*) AS all_of, count(CASE WHEN left_seq IS NULL THEN 1 END) AS conversations,
        count(CASE WHEN left_seq IS NULL AND ${sql.literal(isGroup)} THEN 1 END) AS groups
      FROM members WHERE user_id = ${user}`
    const seen = yield* sql<{ at: number }>`SELECT at FROM last_seen WHERE user_id = ${user}`
    const banned = yield* sql`SELECT id FROM bans WHERE kind = 'user' AND id = ${user}`
    const [profile] = yield* profilesOf([user])
    const { all_of, conversations, groups } = numbers(counted!)
    if (all_of === 0 && seen.length + banned.length === 0 && profile === undefined) return undefined
    return {
      ...knownOf({
        user_id: user,
        name: profile?.name ?? null,
        at: seen[0] === undefined ? null : numbers(seen[0]).at
      }),
      ...defined({ avatar: profile?.avatar, status: profile?.status, source: profile?.source }),
      conversations,
      groups
    }
  })
}

const known = {
  key: "known users",
  types: ["text"] as const,
  template: (values: string) =>
    `SELECT v.column1 AS user_id FROM (VALUES ${values}) AS v
     WHERE EXISTS (SELECT 1 FROM members m WHERE m.user_id = v.column1)
       OR EXISTS (SELECT 1 FROM last_seen s WHERE s.user_id = v.column1)
       OR EXISTS (SELECT 1 FROM profiles p WHERE p.user_id = v.column1)
       OR EXISTS (SELECT 1 FROM bans b WHERE b.kind = 'user' AND b.id = v.column1)`
}

interface CountRow {
  readonly found: number
  readonly entries: number
  readonly last: string | null
}

/** Conversations counted in one step. In this thread it takes about a millisecond, which is all that a turn has for it. */
const stepOf = ({ embedded }: Dialect): number => embedded ? 1_000 : 20_000
const fullTurn = 2_000

/** A conversation says how many entries it has. */
const count = (sql: Sql) => {
  const reads = longReads(sql)
  const dialect = dialectOf(sql)
  const int = sql.literal(dialect.int)
  const step = stepOf(dialect)
  return Effect.gen(function*() {
    const sum = { conversations: 0, entries: 0 }
    for (let after: string | null = ""; after !== null;) {
      const page: ReadonlyArray<CountRow> = yield* reads.step(
        sql<CountRow>`SELECT count(*) AS found, CAST(COALESCE(sum(head_seq - first_seq + 1), 0) AS ${int}) AS entries,
              max(id) AS last
            FROM (SELECT id, head_seq, first_seq FROM conversations WHERE id > ${after} ORDER BY id LIMIT ${step}) AS page`,
        () => fullTurn
      )
      const { entries, found, last } = numbers({ ...page[0]! })
      sum.conversations += found
      sum.entries += entries
      after = found < step ? null : last
    }
    return sum
  })
}

/** Past so many conversations Postgres is asked for its own estimate, which it keeps up to date. */
const maxCounted = 100_000

const ours = (
  "conversations members entries devices device_uses spent_ids block_spans last_seen bans erasures profiles profile_words journal epochs"
).split(" ")

const sizeOf = (sql: Sql): Effect.Effect<StoreSize, SqlError.SqlError> => {
  const counted = count(sql)
  if (dialectOf(sql).embedded) {
    return Effect.gen(function*() {
      const [pages] = yield* sql<{ bytes: number }>`
        SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()`
      return { kind: "sqlite", bytes: pages!.bytes, ...(yield* counted) }
    })
  }
  return Effect.gen(function*() {
    const tables = yield* sql<{ name: string; rows: number; bytes: number }>`
      SELECT c.relname AS name, c.reltuples::float8 AS rows, pg_total_relation_size(c.oid) AS bytes FROM pg_class c
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        AND c.relkind = 'r' AND c.relname IN ${sql.in(ours)}`
    const found = new Map(tables.map(numbers).map((table) => [table.name, table]))
    const bytes = Array.from(found.values()).reduce((sum, table) => sum + table.bytes, 0)
    const rows = (name: string) => Math.max(0, Math.round(found.get(name)?.rows ?? 0))
    const about = { conversations: rows("conversations"), entries: rows("entries") }
    return { kind: "postgres", bytes, ...(about.conversations > maxCounted ? about : yield* counted) }
  })
}

/** On the `SqlClient` of the context, whose tables are there already. */
export const make = Effect.map(SqlClient.SqlClient, (sql) => {
  const list = listTemplate(dialectOf(sql))
  const { patchProfile, profiles: profilesOf, putProfile } = profiles(sql)
  const user = userOf(sql)
  return Directory.of({
    users: Effect.fn("Directory.users")(function*({ after = "", limit }) {
      const rows = yield* sql.unsafe<KnownRow>(list, [after, limit + 1])
      return { users: rows.slice(0, limit).map((row) => knownOf(numbers(row))), hasMore: rows.length > limit }
    }, orStoreError),
    user: Effect.fn("Directory.user")(user, orStoreError),
    known: Effect.fn("Directory.known")((users) =>
      Effect.map(
        overRows<Pick<KnownRow, "user_id">>(sql, known, users.map((each) => [each])),
        (rows) => rows.map(({ user_id }) => user_id)
      ), orStoreError),
    profiles: Effect.fn("Directory.profiles")(profilesOf, orStoreError),
    putProfile: Effect.fn("Directory.putProfile")(putProfile, orStoreError),
    patchProfile: Effect.fn("Directory.patchProfile")(patchProfile, orStoreError),
    findUsers: Effect.fn("Directory.findUsers")(finding(sql), orStoreError),
    size: orStoreError(sizeOf(sql))
  })
})
