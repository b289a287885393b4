/** Search in the memory store: a scan, the newest first. */
import { Effect } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import type { EntryRow } from "./Rows.ts"
import { Search, type SearchOptions, type SearchPage } from "./Search.ts"
import { fits, foundIn, isBehind, isFound, newestFirst, placeOf } from "./searchRules.ts"

/** Texts whose words one call looks at. */
const look = 5_000

/** Of the conversations that are searched, from where in each. */
const visible = function*(
  tables: MemoryTables,
  { conversation, user }: SearchOptions
): Iterable<readonly [ConversationId, number]> {
  if (user === undefined) {
    for (const { id } of tables.conversations()) {
      if (conversation === undefined || id === conversation) yield [id, 1]
    }
    return
  }
  const wanted = conversation === undefined ? tables.membershipsOf(user) : [tables.member(conversation, user)]
  for (const row of wanted) if (row?.left_seq === null) yield [row.conversation, row.joined_seq]
}

/** The newest that may be found, at most one more than are looked at. */
const candidates = (tables: MemoryTables, options: SearchOptions): ReadonlyArray<EntryRow> => {
  let found: Array<EntryRow> = []
  const shorten = () => {
    found = found.sort(newestFirst).slice(0, look + 1)
  }
  for (const [conversation, from] of visible(tables, options)) {
    for (const row of tables.entriesOf(conversation)) {
      if (row.seq >= from && fits(options, row) && isBehind(options.after, row)) found.push(row)
    }
    if (found.length > 2 * look) shorten()
  }
  shorten()
  return found
}

const find = (tables: MemoryTables, options: SearchOptions): SearchPage => {
  const rows = candidates(tables, options)
  const found: Array<EntryRow> = []
  let looked = 0
  while (looked < Math.min(rows.length, look) && found.length < options.limit) {
    const row = rows[looked++]!
    if (isFound(options, row)) found.push(row)
  }
  return {
    found: found.map(foundIn),
    ...(looked < rows.length && looked > 0 ? { next: placeOf(rows[looked - 1]!) } : undefined)
  }
}

export const memorySearch = (tables: MemoryTables) =>
  Search.of({
    find: (options) => Effect.sync(() => find(tables, options)),
    fill: Effect.succeed(0),
    isAlwaysFilled: true
  })
