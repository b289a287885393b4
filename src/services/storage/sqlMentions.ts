/** Who is mentioned where, so that a list says how many of these are unread without reading the texts. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { everybody } from "../../domain/entries/Mentions.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import { mentionedIn } from "./mentionRules.ts"
import type { EntryRow } from "./Rows.ts"
import { numbers, overRows } from "./SqlRows.ts"
import { fewEntries, maxUnread } from "./unread.ts"

/** Of texts that are new, and of those that were deleted. The conversations are locked. */
export const writeMentions = Effect.fnUntraced(function*(
  sql: Sql,
  added: ReadonlyArray<EntryRow>,
  deleted: ReadonlyArray<readonly [ConversationId, number]>
): Effect.fn.Return<void, SqlError.SqlError> {
  yield* overRows(
    sql,
    {
      key: "add mentions",
      types: ["text", "text", "int8"],
      template: (values) => `INSERT INTO mentions (user_id, conversation, seq) VALUES ${values}`
    },
    added.flatMap(({ conversation, mentions, seq }) =>
      mentions === null ? [] : mentionedIn(mentions).map((user) => [user, conversation, seq])
    )
  )
  yield* overRows(sql, {
    key: "drop mentions",
    types: ["text", "int8"],
    template: (values) => `DELETE FROM mentions WHERE (conversation, seq) IN (VALUES ${values})`
  }, deleted)
})

/** The entries from one place of a log to another go, or all that one user said there. */
export const dropMentionsOf = (sql: Sql, conversation: ConversationId, from: number, to: number, sender?: UserId) =>
  sql`DELETE FROM mentions WHERE conversation = ${conversation} AND seq >= ${from} AND seq <= ${to} ${
    sender === undefined ? sql.literal("") : sql`AND seq IN (SELECT e.seq FROM entries e
      WHERE e.conversation = ${conversation} AND e.seq >= ${from} AND e.seq <= ${to} AND e.sender = ${sender})`
  }`

/** Nobody of that name is mentioned there any more, as far as lists count it. */
export const forgetMentions = (sql: Sql, user: UserId, conversation: ConversationId) =>
  sql`DELETE FROM mentions WHERE user_id = ${user} AND conversation = ${conversation}`

const both = (user: string): string => `x.user_id IN (${user}, '${everybody}')`

/** Of a membership `m` and its conversation `c`, as far as a list counts by itself; `isUnread` is of the entry `e`. */
export const fewMentions = (isUnread: string): string =>
  `(SELECT count(*) FROM mentions x JOIN entries e ON e.conversation = x.conversation AND e.seq = x.seq
      WHERE c.head_seq - m.read_seq <= ${fewEntries} AND ${both("m.user_id")} AND x.conversation = m.conversation
        AND x.seq > m.read_seq AND x.seq <= m.read_seq + ${fewEntries} AND x.seq >= m.joined_seq AND ${isUnread})`

/** How many there are in a piece of a log, and where the next one after it is. */
export const windowQuery = (value: Dialect["value"], isUnread: (user: string) => string): string => {
  const [user, conversation, from, to] = [value(1), value(2), value(3, "int8"), value(4, "int8")]
  const after = (name: string) =>
    `(SELECT x.seq FROM mentions x WHERE x.user_id = ${name} AND x.conversation = ${conversation} AND x.seq > ${to}
      ORDER BY x.seq LIMIT 1)`
  return `
  SELECT (SELECT count(*) FROM mentions x JOIN entries e ON e.conversation = x.conversation AND e.seq = x.seq
      WHERE ${both(user)} AND x.conversation = ${conversation} AND x.seq >= ${from} AND x.seq <= ${to}
        AND ${isUnread(user)}) AS count,
    ${after(user)} AS next, ${after(`'${everybody}'`)} AS next_of_all`
}

interface WindowRow {
  readonly count: number
  readonly next: number | null
  readonly next_of_all: number | null
}

/** Counts unread mentions where much is unread, a piece of the log at a time; pieces without any are passed over. */
export const countingMentions = (sql: Sql, { step }: LongReads, isUnread: (user: string) => string) => {
  const dialect = dialectOf(sql)
  const query = windowQuery(dialect.value, isUnread)
  const size = dialect.step.counted
  return Effect.fnUntraced(function*(user: UserId, conversation: ConversationId, first: number, head: number) {
    let count = 0
    for (let from = first; from <= head && count < maxUnread;) {
      const to = Math.min(from + size - 1, head)
      const [row] = yield* step(
        sql.unsafe<WindowRow>(query, [user, conversation, from, to]),
        ([found]) => Number(found?.count ?? 0) + 1
      )
      const found = numbers(row!)
      count += found.count
      from = Math.min(found.next ?? Infinity, found.next_of_all ?? Infinity)
    }
    return Math.min(count, maxUnread)
  })
}
