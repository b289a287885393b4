/** Whoever may see few entries finds in these themselves: all of them cost less than looks into all blocks of the index. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import type { EntryRow } from "./Rows.ts"
import type { SearchOptions, SearchPage } from "./Search.ts"
import { foundIn, isBehind, isFound, newestFirst, placeOf } from "./searchRules.ts"
import type { SearchScope } from "./sqliteSearchScope.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

/** Entries read in one step, and what each costs of a turn (`longReads.ts`). */
const step = 64
const entriesPerEntry = 20

const count = `SELECT sum(c.head_seq + 1 - max(c.first_seq, j.value ->> 1)) AS entries
  FROM json_each(?1) j CROSS JOIN conversations c ON c.id = j.value ->> 0`

const ofMember = `SELECT ${entryColumnsOfE} FROM members m
  CROSS JOIN entries e ON e.conversation = m.conversation AND e.seq >= m.joined_seq AND e.seq < ?2
  WHERE m.user_id = ?3 AND m.conversation = ?1 AND m.left_seq IS NULL ORDER BY e.seq DESC LIMIT ${step}`

const ofAnyone = `SELECT ${entryColumnsOfE} FROM entries e
  WHERE e.conversation = ?1 AND e.seq < ?2 ORDER BY e.seq DESC LIMIT ${step}`

export const sqliteSearchFew = (sql: Sql, reads: LongReads, few: number) => {
  /** Whether it is no more than that, in few conversations. */
  const isFew = (scope: SearchScope): Effect.Effect<boolean, SqlError.SqlError> =>
    !scope.isWhole || few === 0 || scope.all.length > few / 16
      ? Effect.succeed(false)
      : Effect.map(
        reads.step(
          sql.unsafe<{ readonly entries: number | null }>(count, [
            JSON.stringify(scope.all.map(({ from, id }) => [id, from]))
          ]),
          () => scope.all.length * entriesPerEntry
        ),
        ([row]) => (row?.entries ?? 0) <= few
      )

  const inConversation = Effect.fnUntraced(
    function*(
      id: ConversationId,
      options: SearchOptions,
      found: Array<EntryRow>
    ): Effect.fn.Return<void, SqlError.SqlError> {
      const { after, user } = options
      let before = Number.MAX_SAFE_INTEGER
      while (true) {
        const rows = yield* reads.step(
          sql.unsafe<EntryRow>(
            user === undefined ? ofAnyone : ofMember,
            user === undefined ? [id, before] : [id, before, user]
          ),
          (some) => some.length * entriesPerEntry
        )
        for (const row of rows) if (isBehind(after, row) && isFound(options, row)) found.push(row)
        if (rows.length < step) return
        before = rows.at(-1)!.seq
      }
    }
  )

  const find = Effect.fnUntraced(
    function*(scope: SearchScope, options: SearchOptions): Effect.fn.Return<SearchPage, SqlError.SqlError> {
      const found: Array<EntryRow> = []
      for (const { id } of scope.all) yield* inConversation(id, options, found)
      const page = found.sort(newestFirst).slice(0, options.limit)
      return {
        found: page.map(foundIn),
        ...(found.length > page.length ? { next: placeOf(page.at(-1)!) } : undefined)
      }
    }
  )

  return { isFew, find }
}
