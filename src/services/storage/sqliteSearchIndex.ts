/** What a commit, an erasure and a trim tell the search index in SQLite: which texts it has to look at again. */
import { Effect } from "effect"
import type { EntryRow } from "./Rows.ts"
import type { SearchIndex } from "./SearchIndex.ts"
import { overRows, type Value } from "./SqlRows.ts"

const columns = "search_pending (conversation, seq, at, stale)"

const pending = {
  key: "search pending",
  types: ["text", "int8", "int8", "int8"] as const,
  template: (values: string) => `INSERT INTO ${columns} VALUES ${values}`
}

const staleOf = (where: string): string =>
  `INSERT INTO ${columns} SELECT conversation, seq, at, 1 FROM entries
   WHERE conversation = ?1 AND ${where} AND kind = 'text' AND flag = 0`

const trimmed = staleOf("seq < ?2")
const wiped = staleOf("seq >= ?2 AND seq <= ?3 AND sender = ?4")

export const sqliteSearchIndex: SearchIndex = {
  written: (sql, added, changed) => {
    const rows: Array<ReadonlyArray<Value>> = []
    const put = ({ at, conversation, seq }: EntryRow, stale: number) => rows.push([conversation, seq, at, stale])
    for (const row of added) if (row.kind === "text" && row.flag === 0) put(row, 0)
    for (const row of changed) if (row.kind === "text") put(row, 1)
    return rows.length === 0 ? Effect.void : overRows(sql, pending, rows)
  },
  wiped: (sql, conversation, user, from, to) => sql.unsafe(wiped, [conversation, from, to, user]),
  trimmed: (sql, conversation, kept) => sql.unsafe(trimmed, [conversation, kept])
}
