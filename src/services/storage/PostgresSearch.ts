/**
 * Search in Postgres, in statements that look at a bounded number of rows. Where the asker may see little, it is gone
 * through, whatever else there is. Otherwise a sample of the newest texts says how rare the words are: what is rare comes
 * from the index of words, and what is common is found among the newest texts. Between the two is what is common, and not
 * in what the asker may see: there a page ends before it is full.
 */
import { Context, Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { Sql } from "./Dialect.ts"
import { Finding } from "./PostgresFinding.ts"
import { postgresSearchFill } from "./postgresSearchFill.ts"
import { type Few, mostPlaces, postgresSearchReads } from "./postgresSearchReads.ts"
import { partsOf } from "./postgresSearchWords.ts"
import { Search, type SearchOptions, type SearchPage } from "./Search.ts"
import { orStoreError } from "./sqlErrors.ts"

/** How much a search looks at before it chooses another way. */
export const PostgresSearchSizes = Context.Reference<{
  /** Texts looked through in one statement. */
  readonly walk: number
  /** Texts that are read from the index of words at most. */
  readonly rare: number
  /** What an asker may see is gone through where it is no more. */
  readonly few: Few
}>("switchboard/services/storage/PostgresSearchSizes", {
  defaultValue: () => ({
    walk: 20_000,
    rare: 4_000,
    few: { conversations: 64, entries: 4_000 }
  })
})

type Sizes = typeof PostgresSearchSizes.Service
type Places = ReadonlyArray<SearchPlace>

/** All that is left, where one statement finds it, or as much of it as it answers. */
const rest = Effect.fnUntraced(
  function*(finding: Finding, places: (after: SearchPlace) => Effect.Effect<Places, SqlError.SqlError>) {
    while (true) {
      const some = yield* places(finding.place)
      const isAll = some.length < mostPlaces
      if (!(yield* finding.decide(some, isAll ? undefined : some.at(-1)))) return finding.page
      if (isAll) return { found: finding.found }
    }
  }
)

/** Pages of places that one call decides at most: many have the words, and not the phrase. */
const maxWalks = 4

const find = Effect.fnUntraced(
  function*(sql: Sql, sizes: Sizes, options: SearchOptions): Effect.fn.Return<SearchPage, SqlError.SqlError> {
    const { afterAt = Number.MIN_SAFE_INTEGER, conversation, limit, query, sender, user } = options
    const parts = partsOf(options)
    const reads = postgresSearchReads(sql, { afterAt, conversation, parts, sender, user })
    const finding = new Finding(sql, options)
    yield* finding.wait(yield* reads.pending(finding.place))
    const scope = yield* reads.scope(sizes.few)
    if (scope !== undefined) return yield* rest(finding, (after) => reads.through(after, scope))
    const rare = yield* reads.rare(finding.place, sizes.rare)
    if (rare.length > 0) {
      const page = yield* rest(finding, (after) => reads.index(after, rare)).pipe(
        Effect.catchIf(isTimeout, () => Effect.succeed(undefined))
      )
      if (page !== undefined) return page
    }
    const most = query.terms.some(({ words }) => words.length > 1) ? mostPlaces : Math.min(mostPlaces, limit + 10)
    for (let walks = 1; walks <= maxWalks; walks++) {
      const places = yield* reads.walk(finding.place, sizes.walk, most)
      const isShort = places.length < most
      const last = isShort ? yield* reads.end(finding.place, sizes.walk) : places.at(-1)
      if (!(yield* finding.decide(places, last))) return finding.page
      if (last === undefined) return { found: finding.found }
      if (isShort) break
    }
    return finding.page
  }
)

/** What the newest texts say of the older ones may be wrong. */
const isTimeout = ({ reason: { _tag } }: SqlError.SqlError): boolean => _tag === "StatementTimeoutError"

/** Texts are brought in so often, and every so many times the tables are put in order. */
const broughtIn = "250 millis"
const settledAfter = 8

/**
 * `reads` has the connections for it (`searchParameters`). `keep` is what a server does as long as it runs; what fails is
 * done the next time, or by another server.
 */
export const make = Effect.fnUntraced(function*(sql: Sql, reads: Sql) {
  const sizes = yield* PostgresSearchSizes
  const { bringIn, fill, settle } = postgresSearchFill(sql)
  let turns = 0
  const turn = Effect.suspend(() => ++turns % settledAfter === 0 ? Effect.andThen(bringIn, settle) : bringIn)
  return {
    search: Search.of({
      find: Effect.fn("Search.find")((options) => find(reads, sizes, options), orStoreError),
      fill: orStoreError(fill)
    }),
    keep: repeatForever("PostgresSearch", Effect.ignore(orStoreError(turn)), broughtIn),
    settle
  }
})
