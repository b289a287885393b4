/** Events that could not be handed on, in SQL. */
import { Effect } from "effect"
import { defined } from "../../domain/defined.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { orStoreError } from "./sqlErrors.ts"
import { numbers } from "./SqlRows.ts"
import {
  atOnce,
  type EventKey,
  type EventState,
  type KeptEvent,
  maxFailedEvents,
  type Subscriptions
} from "./Subscriptions.ts"

interface EventRow {
  readonly name: string
  readonly conversation: ConversationId
  readonly seq: number
  readonly user_id: UserId | ""
  readonly state: EventState
  readonly attempts: number
  readonly error: string
  readonly first_at: number
  readonly next_at: number | null
}

const keptOf = (row: EventRow): KeptEvent => {
  const { attempts, conversation, error, first_at: firstAt, name, next_at, seq, state, user_id } = numbers(row)
  return {
    name,
    conversation,
    seq,
    ...defined({ user: user_id === "" ? undefined : user_id }),
    state,
    attempts,
    error,
    firstAt,
    ...defined({ nextAt: next_at ?? undefined })
  }
}

type Verbs = "putEvent" | "removeEvent" | "events" | "dueEvents" | "retryEvent"

export const keptEvents = (sql: Sql): Pick<Subscriptions["Service"], Verbs> => {
  const isKey = ({ conversation, name, seq, user }: EventKey) =>
    sql.and([
      sql`name = ${name}`,
      sql`conversation = ${conversation}`,
      sql`seq = ${seq}`,
      sql`user_id = ${user ?? ""}`
    ])

  const put = Effect.fnUntraced(function*(event: KeptEvent) {
    const { attempts, conversation, error, firstAt, name, nextAt, seq, state, user } = event
    yield* sql`INSERT INTO subscription_events
        (name, conversation, seq, user_id, state, attempts, error, first_at, next_at)
      VALUES (${name}, ${conversation}, ${seq}, ${user ?? ""}, ${state}, ${attempts}, ${error}, ${firstAt},
        ${nextAt ?? null})
      ON CONFLICT (name, conversation, seq, user_id) DO UPDATE SET state = excluded.state,
        attempts = excluded.attempts, error = excluded.error, first_at = excluded.first_at, next_at = excluded.next_at`
    if (state === "waiting") return
    yield* sql`DELETE FROM subscription_events WHERE name = ${name} AND state = 'failed' AND first_at < (
      SELECT e.first_at FROM subscription_events e WHERE e.name = ${name} AND e.state = 'failed'
      ORDER BY e.first_at DESC LIMIT 1 OFFSET ${maxFailedEvents - 1})`
  }, sql.withTransaction)

  return {
    putEvent: (event) => orStoreError(put(event)),

    removeEvent: (key) => orStoreError(Effect.asVoid(sql`DELETE FROM subscription_events WHERE ${isKey(key)}`)),

    events: ({ after, conversation, limit, names, state }) =>
      orStoreError(Effect.map(
        sql<EventRow>`SELECT * FROM subscription_events
          WHERE ${
          sql.and([
            sql.in("name", names),
            ...(state === undefined ? [] : [sql`state = ${state}`]),
            ...(conversation === undefined ? [] : [sql`conversation = ${conversation}`]),
            ...(after === undefined ? [] : [
              sql`(name, conversation, seq, user_id) >
                (${after.name}, ${after.conversation}, ${after.seq}, ${after.user ?? ""})`
            ])
          ])
        } ORDER BY name, conversation, seq, user_id LIMIT ${limit}`,
        (rows) => rows.map(keptOf)
      )),

    dueEvents: (name, now, limit) =>
      orStoreError(Effect.map(
        sql<EventRow>`SELECT * FROM subscription_events WHERE name = ${name} AND next_at <= ${now}
          ORDER BY next_at, conversation, seq, user_id LIMIT ${limit}`,
        (rows) => rows.map(keptOf)
      )),

    retryEvent: (key) =>
      orStoreError(Effect.map(
        sql`UPDATE subscription_events SET next_at = ${atOnce} WHERE ${isKey(key)} RETURNING seq`,
        (rows) => rows.length > 0
      ))
  }
}
