/** One search: what it has found so far, and down to where everything is decided. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { ConversationId } from "../../domain/Ids.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import type { Sql } from "./Dialect.ts"
import type { EntryRow } from "./Rows.ts"
import type { Found, SearchOptions, SearchPage } from "./Search.ts"
import { foundIn, isFound, newestFirst, placeOf } from "./searchRules.ts"
import { numbers, overRows } from "./SqlRows.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

/** Entries that are read and looked through in one call, and in one statement. */
const maxRead = 2_000
const read = 32

/** No conversation is called so. */
const lowest = ConversationId.make("!")

const newest: SearchPlace = { at: Number.MAX_SAFE_INTEGER, conversation: lowest, seq: 1 }

/** Where the search begins: behind the last page, and before the time that is asked for. */
const beginning = ({ after = newest, beforeAt = newest.at }: SearchOptions): SearchPlace => {
  const before = { at: beforeAt, conversation: lowest, seq: 1 }
  return newestFirst(after, before) < 0 ? before : after
}

const entries = {
  key: "entries that were found",
  types: ["text", "int8"] as const,
  template: (values: string) =>
    `SELECT ${entryColumnsOfE} FROM (VALUES ${values}) AS v
     JOIN entries e ON e.conversation = v.column1 AND e.seq = v.column2`
}

const nameOf = ({ conversation, seq }: EntryRow): string => `${seq} ${conversation}`

export class Finding {
  readonly #sql: Sql
  readonly #options: SearchOptions
  readonly found: Array<Found> = []
  readonly #seen = new Set<string>()
  /** What is found and not in the index yet, the newest first. */
  #waiting: Array<EntryRow> = []
  #read = 0
  /** Everything before it is decided. */
  place: SearchPlace

  constructor(sql: Sql, options: SearchOptions) {
    this.#sql = sql
    this.#options = options
    this.place = beginning(options)
  }

  #entries(places: ReadonlyArray<SearchPlace>) {
    const wanted = places.map(({ conversation, seq }) => [conversation, seq])
    return Effect.map(
      overRows<EntryRow>(this.#sql, entries, wanted),
      (rows) => rows.map(numbers).filter((row) => isFound(this.#options, row)).sort(newestFirst)
    )
  }

  /** First of all, because from now on they may come into the index. */
  readonly wait = Effect.fnUntraced({ self: this }, function*(places: ReadonlyArray<SearchPlace>) {
    if (places.length > 0) this.#waiting = yield* this.#entries(places)
  })

  /** Whether the page is full with it. */
  #add(row: EntryRow): boolean {
    const name = nameOf(row)
    // What waits may be in the index by now, or have been edited since it came there.
    if (this.#seen.has(name)) return false
    this.#seen.add(name)
    this.found.push(foundIn(row))
    this.place = placeOf(row)
    return this.found.length === this.#options.limit
  }

  /** The same for those which wait and are newer than that; for all of them where nothing else is left. */
  #addWaiting(place: SearchPlace | undefined): boolean {
    let count = 0
    let isFull = false
    while (!isFull && count < this.#waiting.length) {
      const row = this.#waiting[count]!
      if (place !== undefined && newestFirst(row, place) > 0) break
      count++
      isFull = this.#add(row)
    }
    this.#waiting.splice(0, count)
    return isFull
  }

  /**
   * Reads these, which are all down to `last`, or all that are left; false where the page is full, or has cost enough,
   * before all are read.
   */
  readonly decide = Effect.fnUntraced(
    { self: this },
    function*(
      places: ReadonlyArray<SearchPlace>,
      last: SearchPlace | undefined
    ): Effect.fn.Return<boolean, SqlError.SqlError> {
      for (let from = 0; from < places.length; from += read) {
        if (this.#read >= maxRead) return false
        const some = places.slice(from, from + read)
        this.#read += some.length
        for (const row of yield* this.#entries(some)) {
          if (this.#addWaiting(row) || this.#add(row)) return false
        }
        if (this.#addWaiting(some.at(-1))) return false
        this.place = some.at(-1)!
      }
      if (this.#addWaiting(last)) return false
      if (last !== undefined) this.place = last
      return true
    }
  )

  get page(): SearchPage {
    return { found: this.found, next: this.place }
  }
}
