/** Those who follow the log, in SQL. */
import { Effect } from "effect"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { longReads } from "./longReads.ts"
import { orStoreError } from "./sqlErrors.ts"
import { byKey, numbers, overRows } from "./SqlRows.ts"
import { keptEvents } from "./sqlSubscriptionEvents.ts"
import { type BehindConversation, type From, Subscriptions, type Taken } from "./Subscriptions.ts"

/** Conversations looked at in one step, and positions made in one. */
const look = { embedded: 512, apart: 8_192 }

interface BehindRow {
  readonly id: ConversationId
  readonly head_seq: number
  readonly seq: number
  readonly looked: number
  readonly last: ConversationId
}

const moved = {
  key: "move subscription",
  types: ["text", "text", "int8"] as const,
  template: (values: string) =>
    `INSERT INTO subscription_positions (name, conversation, seq)
     SELECT v.column1, v.column2, v.column3 FROM (VALUES ${values}) AS v WHERE true
     ON CONFLICT (name, conversation) DO UPDATE SET seq = excluded.seq
       WHERE excluded.seq > subscription_positions.seq`
}

const behindOf = (sql: Sql) => {
  const { embedded } = dialectOf(sql)
  const reads = longReads(sql)
  const step = embedded ? look.embedded : look.apart
  return (name: string, { after, limit }: { readonly after?: ConversationId; readonly limit: number }) =>
    reads.step(
      Effect.map(
        sql<BehindRow>`
          WITH page AS (
              SELECT id, head_seq FROM conversations
              WHERE id > ${after ?? ""} AND EXISTS (SELECT 1 FROM subscriptions WHERE name = ${name})
              ORDER BY id LIMIT ${step}
            ),
            bounds AS (SELECT count(*) AS looked, max(id) AS last FROM page)
          SELECT page.id, page.head_seq, COALESCE(p.seq, 0) AS seq, bounds.looked, bounds.last
          FROM page CROSS JOIN bounds
          LEFT JOIN subscription_positions p ON p.name = ${name} AND p.conversation = page.id
          WHERE page.head_seq > COALESCE(p.seq, 0) OR page.id = bounds.last
          ORDER BY page.id LIMIT ${limit}`,
        (found) => {
          const rows = found.map(numbers)
          const items = rows.flatMap(({ head_seq: head, id: conversation, seq }): ReadonlyArray<BehindConversation> =>
            head > seq ? [{ conversation, after: seq, head }] : []
          )
          const last = rows.at(-1)
          if (last === undefined) return { items }
          const isWhole = last.id === last.last
          return isWhole && last.looked < step ? { items } : { items, next: last.id }
        }
      ),
      () => step
    )
}

const opening = (sql: Sql) =>
  Effect.fnUntraced(function*(name: string, from: From) {
    yield* sql`INSERT INTO subscriptions (name) VALUES (${name}) ON CONFLICT (name) DO NOTHING`
    const [row] = yield* sql<{ ready: number }>`SELECT ready FROM subscriptions WHERE name = ${name}`
    if (numbers(row!).ready === 1) return
    let after: string | undefined = from === "now" ? "" : undefined
    while (after !== undefined) {
      const page: ReadonlyArray<{ readonly id: string }> = yield* sql<{ id: string }>`
        SELECT id FROM conversations WHERE id > ${after} ORDER BY id LIMIT ${look.embedded}`
      const to: string | undefined = page.at(-1)?.id
      if (to !== undefined) {
        yield* sql`INSERT INTO subscription_positions (name, conversation, seq)
          SELECT CAST(${name} AS text), id, head_seq FROM conversations WHERE id > ${after} AND id <= ${to}
          ON CONFLICT (name, conversation) DO NOTHING`
      }
      after = page.length < look.embedded ? undefined : to
      yield* Effect.yieldNow
    }
    yield* sql`UPDATE subscriptions SET ready = 1 WHERE name = ${name}`
  })

/** Of a file that is one process's own, whoever had it before is gone. */
const leaseOf = (sql: Sql) => {
  const now = sql.literal("(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::int8")
  return dialectOf(sql).embedded
    ? (name: string, holder: string) =>
      Effect.as(
        sql`UPDATE subscriptions SET holder = ${holder} WHERE name = ${name} AND (holder IS NULL OR holder <> ${holder})`,
        true
      )
    : (name: string, holder: string, millis: number) =>
      Effect.map(
        sql`UPDATE subscriptions SET holder = ${holder}, expires_at = ${now} + ${millis}::int8
          WHERE name = ${name} AND (holder IS NULL OR holder = ${holder} OR expires_at <= ${now}) RETURNING name`,
        (rows) => rows.length > 0
      )
}

const moving = (sql: Sql) =>
  Effect.fnUntraced(function*(name: string, holder: string, taken: ReadonlyArray<Taken>) {
    const [held] = yield* sql`SELECT name FROM subscriptions WHERE name = ${name} AND holder = ${holder}
      ${sql.literal(dialectOf(sql).forUpdate)}`
    if (held === undefined) return false
    const rows = taken.map(({ conversation, seq }) => [name, conversation, seq] as const)
    yield* overRows(sql, moved, rows.toSorted(byKey(([, conversation]) => conversation)))
    return true
  }, sql.withTransaction)

const unconfirmed = (sql: Sql): Subscriptions["Service"]["unconfirmed"] => ({ at, conversation, sender, seq }) =>
  orStoreError(Effect.map(
    sql<{ user_id: UserId }>`SELECT m.user_id FROM members m
        WHERE m.conversation = ${conversation} AND m.left_seq IS NULL AND m.joined_seq <= ${seq}
          AND m.delivered_seq < ${seq} AND m.user_id <> ${sender}
          AND NOT EXISTS (SELECT 1 FROM block_spans b WHERE b.user_id = m.user_id AND b.blocked = ${sender}
            AND b.since <= ${at} AND (b.until IS NULL OR b.until > ${at}))
        ORDER BY m.user_id`,
    (rows) => rows.map(({ user_id }) => user_id)
  ))

export const make = (sql: Sql): Subscriptions["Service"] => {
  const behind = behindOf(sql)
  const lease = leaseOf(sql)
  const move = moving(sql)
  const open = opening(sql)
  return Subscriptions.of({
    ...keptEvents(sql),

    open: (name, from) => orStoreError(open(name, from)),

    lease: (name, holder, millis) => orStoreError(lease(name, holder, millis)),

    release: (name, holder) =>
      orStoreError(Effect.asVoid(
        sql`UPDATE subscriptions SET holder = NULL, expires_at = 0 WHERE name = ${name} AND holder = ${holder}`
      )),

    behind: (name, options) => orStoreError(behind(name, options)),

    position: (name, conversation) =>
      orStoreError(Effect.map(
        sql<{ seq: number }>`SELECT seq FROM subscription_positions
          WHERE name = ${name} AND conversation = ${conversation}`,
        ([row]) => row === undefined ? 0 : numbers(row).seq
      )),

    move: (name, holder, taken) => taken.length === 0 ? Effect.succeed(true) : orStoreError(move(name, holder, taken)),

    stop: (name, reason) =>
      orStoreError(Effect.asVoid(sql`UPDATE subscriptions SET stopped = ${reason ?? null} WHERE name = ${name}`)),

    stopped: (name) =>
      orStoreError(Effect.map(
        sql<{ stopped: string | null }>`SELECT stopped FROM subscriptions WHERE name = ${name}`,
        ([row]) => row?.stopped ?? undefined
      )),

    unconfirmed: unconfirmed(sql)
  })
}
