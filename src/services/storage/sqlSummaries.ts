/** The list of a user's conversations. What is much to count is counted in steps. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { UserId } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import { summaryOf, type SummaryRow } from "./readRules.ts"
import { isLast, listValues, window } from "./sqlBehind.ts"
import { countingMentions, fewMentions } from "./sqlMentions.ts"
import { joinPreferences, preferenceColumns } from "./sqlPreferences.ts"
import { numbers } from "./SqlRows.ts"
import { countedFrom, fewEntries, type ListOptions, type ListPage, manyFrom, maxCounted, maxUnread } from "./unread.ts"

/** A row of the list takes as long as so many entries that are only looked at. */
export const entriesPerRow = 25
/** Memberships looked at in one step; those that are over are among them. */
const look = 256

/** A text by somebody else that is not deleted and was not said during a block. */
const isUnread = (user: string): string => `
  e.kind = 'text' AND e.flag = 0 AND e.sender <> ${user}
  AND NOT EXISTS (SELECT 1 FROM block_spans w WHERE w.user_id = ${user} AND w.blocked = e.sender
    AND e.at >= w.since AND (w.until IS NULL OR e.at < w.until))`

/** What is said of a membership `m` and its conversation `c`. */
export const columns = `m.conversation, c.kind, c.name, c.head_seq, c.first_seq, m.joined_seq, m.left_seq, m.read_seq,
    m.delivered_seq, CASE WHEN COALESCE(d.received_seq, 0) > m.joined_seq - 1 THEN d.received_seq ELSE m.joined_seq - 1 END AS received,
    (SELECT count(*) FROM entries e
      WHERE c.head_seq - m.read_seq <= ${fewEntries} AND e.conversation = m.conversation
        AND e.seq > m.read_seq AND e.seq <= m.read_seq + ${fewEntries} AND e.seq >= m.joined_seq AND ${
  isUnread("m.user_id")
}) AS unread,
    ${fewMentions(isUnread("m.user_id"))} AS mentions,
    p.delivered_seq AS peer_delivered, COALESCE(p.shown_read_seq, p.read_seq) AS peer_read,
    g.avatar,
    b.delivered_seq AS held_delivered, b.read_seq AS held_read,
    r.other_delivered_seq AS seen_delivered, r.other_read_seq AS seen_read,
    ${preferenceColumns}`

export const joins = (device: string): string => `
  JOIN conversations c ON c.id = m.conversation
  LEFT JOIN devices d ON d.user_id = m.user_id AND d.device = ${device} AND d.conversation = m.conversation
  LEFT JOIN group_details g ON g.conversation = m.conversation
  LEFT JOIN members p ON c.kind = 'direct' AND p.conversation = m.conversation AND p.user_id <> m.user_id
  LEFT JOIN block_spans b ON b.user_id = p.user_id AND b.blocked = m.user_id AND b.until IS NULL
  LEFT JOIN block_spans r ON r.user_id = m.user_id AND r.blocked = p.user_id AND r.until IS NULL
  ${joinPreferences}`

const listTemplate = (value: Dialect["value"]): string => {
  const [user, after, device, limit, look] = listValues(value)
  return `
  SELECT ${columns}, CASE WHEN ${isLast(user, after, look)} THEN 1 ELSE 0 END AS last
  FROM ${window(user, after, look)} AS m ${joins(device)}
  WHERE m.left_seq IS NULL OR ${isLast(user, after, look)}
  ORDER BY m.conversation LIMIT ${limit}`
}

const countTemplate = (value: Dialect["value"]): string => `
  SELECT count(*) AS count FROM entries e
  WHERE e.conversation = ${value(2)} AND e.seq >= ${value(3, "int8")} AND e.seq <= ${value(4, "int8")}
    AND ${isUnread(value(1))}`

/** Where much is unread, a conversation is counted by itself: what is unread, and what of it mentions its reader. */
export const counting = (sql: Sql, reads: LongReads) => {
  const { step } = reads
  const dialect = dialectOf(sql)
  const count = countTemplate(dialect.value)
  const size = dialect.step.counted
  const mentioning = countingMentions(sql, reads, isUnread)
  return Effect.fnUntraced(function*(user: UserId, row: SummaryRow, first: number) {
    const { conversation, head_seq } = row
    let unread = 0
    for (let from = first; from <= head_seq && unread < maxUnread; from += size) {
      const to = Math.min(from + size - 1, head_seq)
      const [row] = yield* step(
        sql.unsafe<{ count: number }>(count, [user, conversation, from, to]),
        () => to - from + 1
      )
      unread += numbers(row!).count
    }
    const mentions = yield* mentioning(user, conversation, first, head_seq)
    return { ...row, unread: Math.min(unread, maxUnread), mentions }
  })
}

export const conversations = (sql: Sql, reads: LongReads) => {
  const list = listTemplate(dialectOf(sql).value)
  const counted = counting(sql, reads)
  const { step } = reads

  return Effect.fnUntraced(
    function*({ after, device, limit, user }: ListOptions): Effect.fn.Return<ListPage, SqlError.SqlError> {
      const items: Array<ConversationSummary> = []
      let from: string = after ?? ""
      let looked = 0
      while (true) {
        const rows = yield* step(
          sql.unsafe<SummaryRow & { readonly last: number }>(list, [
            user,
            from,
            device,
            limit + 1 - items.length,
            look
          ]),
          (found) => found.length * entriesPerRow
        )
        for (const row of rows.map(numbers)) {
          if (row.left_seq !== null) continue
          const first = countedFrom(row)
          const many = manyFrom(first, row.read_seq, row.head_seq)
          looked += many
          if (items.length === limit || (looked > maxCounted && items.length > 0)) return { items, hasMore: true }
          items.push(summaryOf(many > 0 ? yield* counted(user, row, first) : row, user))
        }
        const last = rows.at(-1)
        if (last?.last !== 1) return { items, hasMore: false }
        from = last.conversation
      }
    }
  )
}
