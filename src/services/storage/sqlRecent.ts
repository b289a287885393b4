/** A user's conversations, the last spoken in first, in steps. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Place } from "../../domain/ListCursor.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import { summaryOf, type SummaryRow } from "./readRules.ts"
import { Latest, recentOf, type RecentOptions, top } from "./recent.ts"
import { type EntryRow, toEntry } from "./Rows.ts"
import { numbers, overRows } from "./SqlRows.ts"
import { columns, counting, entriesPerRow, joins } from "./sqlSummaries.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"
import { countedFrom, type ListPage, manyFrom, maxCounted } from "./unread.ts"

/** Memberships looked at in one step. */
const look = 256
/** Each is looked up in two tables, an entry in one. */
const entriesPerLook = 3

interface Active extends Place {
  readonly active_at: number
}

interface RecentRow extends SummaryRow {
  readonly last_seq: number
}

const scanTemplate = (user: string, active: string, conversation: string): string => `
  SELECT m.conversation, m.active_at, c.last_at AS at
  FROM (SELECT conversation, active_at FROM members
    WHERE user_id = ${user} AND left_seq IS NULL AND (active_at, conversation) < (${active}, ${conversation})
    ORDER BY active_at DESC, conversation DESC LIMIT ${look}) AS m
  JOIN conversations c ON c.id = m.conversation
  ORDER BY m.active_at DESC, m.conversation DESC`

export const scanQuery = ({ value }: Dialect) => scanTemplate(value(1), value(2, "int8"), value(3))

const listed = {
  key: "recent conversations",
  types: ["text", "text", "text"] as const,
  template: (values: string) =>
    `SELECT ${columns}, c.last_seq FROM (VALUES ${values}) AS v
     JOIN members m ON m.user_id = v.column1 AND m.conversation = v.column2 ${joins("v.column3")}
     WHERE m.left_seq IS NULL`
}

const lastEntries = {
  key: "last entries",
  types: ["text", "int8"] as const,
  template: (values: string) =>
    `SELECT ${entryColumnsOfE}
     FROM (VALUES ${values}) AS v JOIN entries e ON e.conversation = v.column1 AND e.seq = v.column2`
}

export const recent = (sql: Sql, reads: LongReads) => {
  const { step } = reads
  const scan = scanQuery(dialectOf(sql))
  const counted = counting(sql, reads)

  /** The page's places and one more, if there are more. */
  const places = Effect.fnUntraced(function*(options: RecentOptions) {
    const { before, user } = options
    const latest = new Latest(options)
    let [active, conversation] = [top, "~"]
    while (true) {
      const rows = yield* step(
        sql.unsafe<Active>(scan, [user, active, conversation]),
        (found) => found.length * entriesPerLook
      )
      latest.add(rows.map(numbers))
      const last = rows.at(-1)
      if (last === undefined || rows.length < look || latest.isDone(last.active_at)) return latest.places
      active = last.active_at
      conversation = last.conversation
      // Groups have been looked at; of the others those that are before the page are passed over.
      if (before !== undefined && active !== top && active > before.at) [active, conversation] = [before.at + 1, ""]
    }
  })

  const page = Effect.fnUntraced(function*(options: RecentOptions, shown: ReadonlyArray<Place>) {
    const found = yield* step(
      overRows<RecentRow>(sql, listed, shown.map(({ conversation }) => [options.user, conversation, options.device])),
      (rows) => rows.length * entriesPerRow
    )
    const rows = new Map(found.map((row) => [row.conversation, numbers(row)]))
    const entries = yield* overRows<EntryRow>(
      sql,
      lastEntries,
      found.flatMap(({ conversation, joined_seq, last_seq }) =>
        last_seq >= joined_seq ? [[conversation, last_seq]] : []
      )
    )
    return { rows, entries: new Map(entries.map((row) => [row.conversation, toEntry(numbers(row))])) }
  })

  return Effect.fnUntraced(function*(options: RecentOptions): Effect.fn.Return<ListPage, SqlError.SqlError> {
    const { limit, user } = options
    const wanted = yield* places(options)
    const { entries, rows } = yield* page(options, wanted.slice(0, limit))
    const items: Array<ConversationSummary> = []
    let looked = 0
    for (const { at, conversation } of wanted.slice(0, limit)) {
      const row = rows.get(conversation)
      if (row === undefined) continue
      const first = countedFrom(row)
      const many = manyFrom(first, row.read_seq, row.head_seq)
      looked += many
      if (looked > maxCounted && items.length > 0) return { items, hasMore: true }
      const shown = many > 0 ? yield* counted(user, row, first) : row
      items.push(recentOf(summaryOf(shown, user), at, entries.get(conversation)))
    }
    return { items, hasMore: wanted.length > limit }
  })
}
