/** Where a device has something unconfirmed: a user's conversations are looked at a bounded number at a time. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import type { Behind, BehindPage } from "./MessageStore.ts"
import { numbers } from "./SqlRows.ts"

/** Most users have fewer, and are done with one look. */
const firstLook = 256
/** A conversation is looked up in three tables, an entry in one. */
const entriesPerLook = 4

/** As many memberships as one step looks at. */
export const window = (user: string, after: string, look: string): string =>
  `(SELECT * FROM members WHERE user_id = ${user} AND conversation > ${after} ORDER BY conversation LIMIT ${look})`

/**
 * Whether this is the last one that a step looks at; no one is when fewer are left. Its row comes in any case, so that
 * the answer says how far the step went.
 */
export const isLast = (user: string, after: string, look: string): string =>
  `m.conversation = (SELECT conversation FROM members WHERE user_id = ${user} AND conversation > ${after}
    ORDER BY conversation LIMIT 1 OFFSET ${look} - 1)`

/** A user, the conversation before, a device, how many at most, and how many are looked at. */
export const listValues = (value: Dialect["value"]) =>
  [value(1), value(2), value(3), value(4, "int8"), value(5, "int8")] as const

interface BehindRow {
  readonly conversation: ConversationId
  readonly received: number | null
  readonly head: number
  readonly floor: number
  readonly due: number
  readonly last: number
}

const isDue = "m.left_seq IS NULL AND c.head_seq >= c.first_seq AND c.head_seq > COALESCE(d.received_seq, 0)"

const template = (value: Dialect["value"]): string => {
  const [user, after, device, limit, look] = listValues(value)
  return `
  SELECT m.conversation, d.received_seq AS received, c.head_seq AS head,
    CASE WHEN m.joined_seq > c.first_seq THEN m.joined_seq ELSE c.first_seq END - 1 AS floor,
    CASE WHEN ${isDue} THEN 1 ELSE 0 END AS due,
    CASE WHEN ${isLast(user, after, look)} THEN 1 ELSE 0 END AS last
  FROM ${window(user, after, look)} AS m
  JOIN conversations c ON c.id = m.conversation
  LEFT JOIN devices d ON d.user_id = m.user_id AND d.device = ${device} AND d.conversation = m.conversation
  WHERE (${isDue}) OR ${isLast(user, after, look)}
  ORDER BY m.conversation LIMIT ${limit}`
}

interface BehindOptions {
  readonly user: UserId
  readonly device: DeviceId
  readonly after?: ConversationId
  readonly limit: number
}

export const behind = (sql: Sql, { charge, step }: LongReads) => {
  const dialect = dialectOf(sql)
  const query = template(dialect.value)
  return ({ after, device, limit, user }: BehindOptions): Effect.Effect<BehindPage, SqlError.SqlError> => {
    const look = after === undefined ? firstLook : dialect.step.behind
    const read = Effect.map(
      sql.unsafe<BehindRow>(query, [user, after ?? "", device, limit, look]),
      (rows): BehindPage => {
        const last = rows.at(-1)
        const next = last !== undefined && (rows.length === limit || Number(last.last) === 1)
          ? last.conversation
          : undefined
        const items: Array<Behind> = []
        for (const row of rows) {
          const { conversation, due, floor, head, received } = numbers(row)
          if (due === 1) items.push({ conversation, head, received: Math.max(received ?? 0, floor) })
        }
        // Most are done with one look at few, which is not worth counting.
        if (next === undefined) return { items }
        charge(look * entriesPerLook)
        return { items, next }
      }
    )
    return after === undefined ? read : step(read, () => 0)
  }
}
