/** Where browsers are told of messages, in SQL. */
import { Effect } from "effect"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { type PushReader, type PushRecord, PushRecords } from "./PushRecords.ts"
import { orStoreError } from "./sqlErrors.ts"
import { joinPreferences } from "./sqlPreferences.ts"
import { numbers, overRows } from "./SqlRows.ts"

const ofUsers = {
  key: "push subscriptions",
  types: ["text"] as const,
  template: (values: string) =>
    `SELECT s.user_id AS "user", s.endpoint, s.p256dh, s.auth
     FROM (VALUES ${values}) AS v JOIN push_subscriptions s ON s.user_id = v.column1 ORDER BY s.user_id, s.at`
}

interface ReaderRow {
  readonly user_id: UserId
  readonly joined_seq: number
  readonly delivered_seq: number
  readonly name: string | null
  readonly muted_until: number | null
  readonly mutes_mentions: number | null
}

const readers = {
  key: "push readers",
  types: ["text", "text"] as const,
  template: (values: string) =>
    `SELECT m.user_id, m.joined_seq, m.delivered_seq, c.name, f.muted_until, f.mutes_mentions
     FROM (VALUES ${values}) AS v JOIN members m ON m.user_id = v.column1 AND m.conversation = v.column2
     JOIN conversations c ON c.id = m.conversation
     ${joinPreferences} WHERE m.left_seq IS NULL`
}

const readerOf = (row: ReaderRow): PushReader => ({
  user: row.user_id,
  firstVisible: row.joined_seq,
  delivered: row.delivered_seq,
  ...(row.name === null ? undefined : { groupName: row.name }),
  ...(row.muted_until === null ? undefined : { mutedUntil: row.muted_until }),
  ...(row.mutes_mentions === 1 ? { mutesMentions: true } : undefined)
})

export const pushSubscriptionsOf = (sql: Sql, user: UserId) =>
  Effect.map(
    sql<{ endpoint: string; at: number }>`
      SELECT endpoint, at FROM push_subscriptions WHERE user_id = ${user} ORDER BY at`,
    (rows) => rows.map(numbers).map(({ at, endpoint }) => ({ endpoint, at }))
  )

export const make = (sql: Sql): PushRecords["Service"] => {
  const { alone } = dialectOf(sql)

  const endpoints = (user: UserId) =>
    Effect.map(pushSubscriptionsOf(sql, user), (found) => found.map(({ endpoint }) => endpoint))

  const put = Effect.fnUntraced(
    function*(
      { auth, endpoint, p256dh, user }: PushRecord,
      { max, now }: { readonly max: number; readonly now: number }
    ) {
      // One change of a user's at a time, so that there are never more.
      yield* alone(sql, `push ${user}`)
      const before = yield* pushSubscriptionsOf(sql, user)
      // Later than the others, whatever the clock says.
      const at = Math.max(now, (before.at(-1)?.at ?? 0) + 1)
      yield* sql`INSERT INTO push_subscriptions (endpoint, user_id, p256dh, auth, at)
        VALUES (${endpoint}, ${user}, ${p256dh}, ${auth}, ${at})
        ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, p256dh = excluded.p256dh,
          auth = excluded.auth, at = excluded.at`
      const others = before.filter((each) => each.endpoint !== endpoint)
      const gone = others.slice(0, Math.max(0, others.length + 1 - max))
      for (const each of gone) {
        yield* sql`DELETE FROM push_subscriptions WHERE endpoint = ${each.endpoint} AND user_id = ${user}`
      }
      return [...others.slice(gone.length).map((each) => each.endpoint), endpoint]
    },
    sql.withTransaction
  )

  return PushRecords.of({
    put: Effect.fn("PushRecords.put")(put, orStoreError),

    remove: Effect.fn("PushRecords.remove")(function*(user, endpoint) {
      yield* sql`DELETE FROM push_subscriptions WHERE endpoint = ${endpoint} AND user_id = ${user}`
      return yield* endpoints(user)
    }, orStoreError),

    of: Effect.fn("PushRecords.of")(
      (users: ReadonlyArray<UserId>) =>
        Effect.map(
          overRows<PushRecord>(sql, ofUsers, users.map((user) => [user])),
          (rows) => rows.map(({ auth, endpoint, p256dh, user }) => ({ user, endpoint, p256dh, auth }))
        ),
      orStoreError
    ),

    users: Effect.fn("PushRecords.users")(function*({ after, limit }) {
      const rows = yield* sql<{ user_id: UserId }>`SELECT DISTINCT user_id FROM push_subscriptions
        WHERE user_id > ${after ?? ""} ORDER BY user_id LIMIT ${limit}`
      return rows.map(({ user_id }) => user_id)
    }, orStoreError),

    readers: Effect.fn("PushRecords.readers")(
      (conversation: ConversationId, users: ReadonlyArray<UserId>) =>
        Effect.map(
          overRows<ReaderRow>(sql, readers, users.map((user) => [user, conversation])),
          (rows) => rows.map(numbers).map(readerOf)
        ),
      orStoreError
    )
  })
}
