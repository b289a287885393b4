/**
 * Search in SQLite, in short steps. Candidates come from the tail and from block after block; what is read in `entries` and
 * `members` decides. Whatever is newer than the blocks that were not looked at yet is decided at once, so a search ends
 * where it has enough.
 */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { ConversationId } from "../../domain/Ids.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import type { Sql } from "./Dialect.ts"
import { longReads } from "./longReads.ts"
import type { EntryRow } from "./Rows.ts"
import { type Found, Search, type SearchOptions, type SearchPage } from "./Search.ts"
import { foundIn, isBehind, isFound, newestFirst, placeOf } from "./searchRules.ts"
import { SearchSizes } from "./searchSizes.ts"
import { hasAll, wantedOf } from "./searchWords.ts"
import { orStoreError } from "./sqlErrors.ts"
import { sqliteSearchBlocks } from "./sqliteSearchBlocks.ts"
import type { Block } from "./sqliteSearchColumns.ts"
import { sqliteSearchFew } from "./sqliteSearchFew.ts"
import { sqliteSearchFill } from "./sqliteSearchFill.ts"
import { SearchScope } from "./sqliteSearchScope.ts"
import { SearchTail } from "./sqliteSearchTail.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

/** What an entry costs in microseconds, and one that is not even read (`SearchSizes.budget`). */
const microsPerEntry = 14
const candidatesPerMicro = 2
/** Entries read in one step, and what each costs of a turn (`longReads.ts`). */
const step = 64
const entriesPerEntry = 20
/** Of blocks that are looked at together there are so many texts at most: few at first, and as many as a turn can bear. */
const firstTexts = 8_192
const mostTexts = 524_288
const microsPerStep = 1_000

/** No conversation is called so. */
const lowest = ConversationId.make("!")

/** Behind all that is newer than `at`. */
const beforeAll = (at: number): SearchPlace => ({ at: at + 1, conversation: lowest, seq: 1 })

/** The latest time of what stands behind a place. */
const untilOf = (after: SearchPlace | undefined): number =>
  after === undefined ? Number.POSITIVE_INFINITY : after.conversation === lowest ? after.at - 1 : after.at

/** Of a block it has a number, of the tail a conversation. */
interface Candidate {
  readonly at: number
  readonly seq: number
  readonly number?: number
  readonly conversation?: ConversationId
}

const visible = (isMember: boolean): string =>
  `SELECT ${entryColumnsOfE} FROM json_each(?1) j
   CROSS JOIN entries e ON e.conversation = json_extract(j.value, '$[0]') AND e.seq = json_extract(j.value, '$[1]') ${
    isMember
      ? `JOIN members m ON m.user_id = ?2 AND m.conversation = e.conversation AND m.left_seq IS NULL
         AND m.joined_seq <= e.seq`
      : ""
  }`
const ofMember = visible(true)
const ofAnyone = visible(false)

class Finding {
  readonly #sql: Sql
  readonly #budget: number
  readonly #options: SearchOptions
  readonly #scope: SearchScope
  readonly found: Array<Found> = []
  #waiting: Array<Candidate> = []
  #seen = new Set<string>()
  /** The last place up to which all is decided. */
  last: SearchPlace | undefined
  spent = 0

  constructor(sql: Sql, options: SearchOptions, scope: SearchScope, budget: number) {
    this.#budget = budget
    this.#sql = sql
    this.#options = options
    this.#scope = scope
  }

  get isSpent(): boolean {
    return this.spent >= this.#budget
  }

  #isWaiting(at: number): boolean {
    const [next] = this.#waiting
    return next !== undefined && next.at > at
  }

  add(candidates: Iterable<Candidate>): void {
    const { after, afterAt = Number.NEGATIVE_INFINITY, beforeAt = Number.POSITIVE_INFINITY } = this.#options
    const until = untilOf(after)
    for (const each of candidates) {
      if (each.at <= until && each.at < beforeAt && each.at > afterAt) this.#waiting.push(each)
    }
    this.#waiting.sort((a, b) => b.at - a.at)
  }

  /** The next that are newer than `at`, those of one time together. */
  #take(at: number): ReadonlyArray<Candidate> {
    let size = 0
    let before = Number.NaN
    while (size < this.#waiting.length) {
      const next = this.#waiting[size]!.at
      if (next <= at || (size >= step && next !== before)) break
      before = next
      size++
    }
    return this.#waiting.splice(0, size)
  }

  /** Those that may be seen, as far as is known, each once, the newest first. */
  #placed(candidates: ReadonlyArray<Candidate>): ReadonlyArray<SearchPlace> {
    const places: Array<SearchPlace> = []
    for (const { at, conversation, number, seq } of candidates) {
      const where = number === undefined ? this.#scope.ofId(conversation!) : this.#scope.ofNumber(number)
      if (where === undefined || seq < where.from) continue
      const place = { at, conversation: where.id, seq }
      const name = `${seq} ${where.id}`
      if (this.#seen.has(name) || !isBehind(this.#options.after, place)) continue
      this.#seen.add(name)
      places.push(place)
    }
    return places.sort(newestFirst)
  }

  readonly #learn = (candidates: ReadonlyArray<Candidate>) =>
    Effect.andThen(
      this.#scope.learn(candidates.flatMap(({ number }) => number === undefined ? [] : [number])),
      this.#scope.learnIds(candidates.flatMap(({ conversation }) => conversation === undefined ? [] : [conversation]))
    )

  #read(places: ReadonlyArray<SearchPlace>) {
    const { user } = this.#options
    const list = JSON.stringify(places.map(({ conversation, seq }) => [conversation, seq]))
    return longReads(this.#sql).step(
      user === undefined
        ? this.#sql.unsafe<EntryRow>(ofAnyone, [list])
        : this.#sql.unsafe<EntryRow>(ofMember, [list, user]),
      (rows) => rows.length * entriesPerEntry
    )
  }

  /** Decides what is newer than `at`; false where there is enough, or it has cost enough, before all of it is. */
  readonly decide = Effect.fnUntraced(
    { self: this },
    function*(at: number): Effect.fn.Return<boolean, SqlError.SqlError> {
      while (true) {
        const candidates = this.#take(at)
        if (candidates.length === 0) return true
        yield* this.#learn(candidates)
        const places = this.#placed(candidates)
        this.spent += candidates.length / candidatesPerMicro
        for (let from = 0; from < places.length; from += step) {
          const some = places.slice(from, from + step)
          const rows = yield* this.#read(some)
          this.spent += some.length * microsPerEntry
          for (const row of rows.toSorted(newestFirst)) {
            if (!isFound(this.#options, row)) continue
            this.found.push(foundIn(row))
            this.last = placeOf(row)
            if (this.found.length === this.#options.limit) return false
          }
          this.last = some.at(-1)
          if (this.isSpent && from + step < places.length) return false
        }
        this.last = beforeAll(candidates.at(-1)!.at - 1)
        if (this.isSpent && this.#isWaiting(at)) return false
      }
    }
  )
}

/** The next of the blocks that are looked at together. */
const nextOf = (all: ReadonlyArray<Block>, from: number, most: number): ReadonlyArray<Block> => {
  let to = from + 1
  for (let texts = all[from]!.size; to < all.length; to++) if ((texts += all[to]!.size) > most) break
  return all.slice(from, to)
}

export const make = Effect.fnUntraced(function*(sql: Sql) {
  const reads = longReads(sql)
  const tail = new SearchTail(sql, reads)
  const blocks = sqliteSearchBlocks(sql, reads)
  const sizes = yield* SearchSizes
  const few = sqliteSearchFew(sql, reads, sizes.few)
  /** How often blocks have become others since this began. */
  let merges = 0
  const fill = sqliteSearchFill(sql, tail, sizes, yield* Monotonic.now, () => {
    merges++
  })

  const find = Effect.fnUntraced(function*(options: SearchOptions): Effect.fn.Return<SearchPage, SqlError.SqlError> {
    const scope = new SearchScope(sql, reads, options)
    yield* scope.load()
    if (scope.isEmpty) return { found: [] }
    if (yield* few.isFew(scope)) return yield* few.find(scope, options)
    const wanted = wantedOf(options)
    const finding = new Finding(sql, options, scope, sizes.budget)
    // The tail first: what goes from it into a block meanwhile is found there, and perhaps twice.
    yield* tail.sync()
    const { sender } = options
    finding.add(
      Array.from(tail.texts).filter((text) =>
        (sender === undefined || text.sender === sender) &&
        (!scope.isWhole || scope.ofId(text.conversation) !== undefined) && hasAll(wanted, text.words)
      )
    )
    let listed = merges
    let all: ReadonlyArray<Block> = yield* blocks.list(options)
    const until = untilOf(options.after)
    let looked = 0
    let most = firstTexts
    let isFresh = false
    while (true) {
      const frontier = all[looked]?.last_at ?? Number.NEGATIVE_INFINITY
      if (!(yield* finding.decide(frontier))) return { found: finding.found, next: finding.last! }
      if (looked === all.length) return { found: finding.found }
      // A page goes on behind the last one, however many blocks have something that is newer.
      if (finding.isSpent && isFresh && looked > 0 && frontier !== all[looked - 1]!.last_at) {
        return { found: finding.found, next: beforeAll(frontier) }
      }
      const some = nextOf(all, looked, most)
      looked += some.length
      isFresh ||= some.some(({ last_at }) => last_at < until)
      const { cost, texts } = yield* blocks.texts(some, wanted, options, scope)
      finding.spent += cost
      finding.add(texts)
      if (cost > microsPerStep) most = Math.max(1, most / 2)
      else if (cost < microsPerStep / 2) most = Math.min(mostTexts, most * 2)
      // Of blocks that are others by now, all are looked at again: what was found already is not found twice.
      if (listed !== merges) {
        listed = merges
        all = yield* blocks.list(options)
        looked = 0
      }
    }
  })

  return Search.of({
    find: Effect.fn("Search.find")(find, orStoreError),
    fill: Effect.suspend(() => orStoreError(fill))
  })
})
