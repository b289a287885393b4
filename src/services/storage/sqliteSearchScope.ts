/** In which conversations somebody searches, by their numbers in the index. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { LongReads } from "./longReads.ts"
import type { SearchOptions } from "./Search.ts"

export interface Searched {
  readonly id: ConversationId
  /** Of nothing that was indexed yet. */
  readonly number: number | null
  /** The first that may be seen. */
  readonly from: number
}

/** Whoever is in more conversations, or sees all, is asked about each that has what they look for. */
const known = 4_096
const step = 512
const entriesPerRow = 6
const asked = 256
/** In so many conversations not much was said, of all. */
const narrow = 16

const one = `SELECT c.id, n.number, m.joined_seq AS "from" FROM conversations c
  JOIN members m ON m.user_id = ?1 AND m.conversation = c.id AND m.left_seq IS NULL
  LEFT JOIN search_conversations n ON n.id = c.id WHERE c.id = ?2`

const anyOne = `SELECT c.id, n.number, 1 AS "from" FROM conversations c
  LEFT JOIN search_conversations n ON n.id = c.id WHERE c.id = ?1`

const mine = `SELECT m.conversation AS id, n.number, m.joined_seq AS "from" FROM members m
  LEFT JOIN search_conversations n ON n.id = m.conversation
  WHERE m.user_id = ?1 AND m.left_seq IS NULL AND m.conversation > ?2 ORDER BY m.conversation LIMIT ${step}`

/** How many there are, and of too many only that. */
const size = `SELECT count(*) AS size FROM
  (SELECT 1 FROM members WHERE user_id = ?1 AND left_seq IS NULL LIMIT ${known + 1})`
const sizeCost = known / 4

const ofNumbers = `SELECT n.id, n.number, m.joined_seq AS "from" FROM json_each(?2) j
  CROSS JOIN search_conversations n ON n.number = j.value
  CROSS JOIN members m ON m.user_id = ?1 AND m.conversation = n.id AND m.left_seq IS NULL`

const anyOfNumbers = `SELECT n.id, n.number, 1 AS "from" FROM json_each(?1) j
  CROSS JOIN search_conversations n ON n.number = j.value`

const ofIds = `SELECT m.conversation AS id, NULL AS number, m.joined_seq AS "from" FROM json_each(?2) j
  CROSS JOIN members m ON m.user_id = ?1 AND m.conversation = j.value AND m.left_seq IS NULL`

const flagsOf = (numbers: Iterable<number>): Uint8Array => {
  const all = Array.from(numbers)
  const flags = new Uint8Array(all.reduce((most, number) => Math.max(most, number), 0) + 1)
  for (const number of all) flags[number] = 1
  return flags
}

export class SearchScope {
  readonly #sql: Sql
  readonly #reads: LongReads
  readonly #options: SearchOptions
  readonly #byNumber = new Map<number, Searched | undefined>()
  readonly #byId = new Map<ConversationId, Searched | undefined>()
  #isIn: Uint8Array | undefined
  /** Nothing else is searched than what is known. */
  isWhole = false

  constructor(sql: Sql, reads: LongReads, options: SearchOptions) {
    this.#sql = sql
    this.#reads = reads
    this.#options = options
  }

  get all(): ReadonlyArray<Searched> {
    return Array.from(this.#byId.values()).flatMap((each) => each ?? [])
  }

  get isEmpty(): boolean {
    return this.isWhole && this.#byId.size === 0
  }

  /** It is only a part of what is in most blocks. */
  get isNarrow(): boolean {
    return this.isWhole && this.#byNumber.size <= narrow
  }

  /** Whether something with this number may be of it. Asked of each text, so a byte says which are. */
  get mayHave(): (number: number) => boolean {
    if (!this.isWhole) return (number) => number !== 0
    const isIn = this.#isIn ??= flagsOf(this.#byNumber.keys())
    return (number) => isIn[number] === 1
  }

  /** Where from this place on the next of it stands; -1 where none does. */
  readonly next = (numbers: Uint32Array, from: number): number => {
    const isIn = this.#isIn ??= flagsOf(this.#byNumber.keys())
    for (let place = from; place < numbers.length; place++) if (isIn[numbers[place]!] === 1) return place
    return -1
  }

  ofNumber(number: number): Searched | undefined {
    return this.#byNumber.get(number)
  }

  ofId(id: ConversationId): Searched | undefined {
    return this.#byId.get(id)
  }

  #read(query: string, params: ReadonlyArray<string>) {
    return Effect.map(
      this.#reads.step(this.#sql.unsafe<Searched>(query, params), (rows) => rows.length * entriesPerRow),
      (rows) => {
        for (const row of rows) {
          this.#byId.set(row.id, row)
          if (row.number !== null) this.#byNumber.set(row.number, row)
        }
        return rows
      }
    )
  }

  /** All of it, where that is not much. */
  readonly load = Effect.fnUntraced({ self: this }, function*(): Effect.fn.Return<void, SqlError.SqlError> {
    const { conversation, user } = this.#options
    if (conversation !== undefined) {
      yield* user === undefined ? this.#read(anyOne, [conversation]) : this.#read(one, [user, conversation])
      this.isWhole = true
      return
    }
    if (user === undefined) return
    let after = ""
    while (true) {
      const rows = yield* this.#read(mine, [user, after])
      if (rows.length < step) {
        this.isWhole = true
        return
      }
      // What is too much to be kept is not even read.
      if (after === "" && (yield* this.#isMuch(user))) return
      after = rows.at(-1)!.id
    }
  })

  #isMuch(user: UserId) {
    const count = this.#reads.step(this.#sql.unsafe<{ readonly size: number }>(size, [user]), () => sizeCost)
    return Effect.map(count, ([counted]) => counted!.size > known)
  }

  /** What is not known yet of these. */
  readonly learn = Effect.fnUntraced(
    { self: this },
    function*(numbers: Iterable<number>): Effect.fn.Return<void, SqlError.SqlError> {
      if (this.isWhole) return
      const wanted = Array.from(new Set(numbers)).filter((number) => !this.#byNumber.has(number))
      const { user } = this.#options
      for (let from = 0; from < wanted.length; from += asked) {
        const some = wanted.slice(from, from + asked)
        const list = JSON.stringify(some)
        for (const number of some) this.#byNumber.set(number, undefined)
        yield* user === undefined ? this.#read(anyOfNumbers, [list]) : this.#read(ofNumbers, [user, list])
      }
    }
  )

  readonly learnIds = Effect.fnUntraced(
    { self: this },
    function*(ids: Iterable<ConversationId>): Effect.fn.Return<void, SqlError.SqlError> {
      if (this.isWhole) return
      const wanted = Array.from(new Set(ids)).filter((id) => !this.#byId.has(id))
      const { user } = this.#options
      if (user === undefined) {
        for (const id of wanted) this.#byId.set(id, { id, number: null, from: 1 })
        return
      }
      for (let from = 0; from < wanted.length; from += asked) {
        const some = wanted.slice(from, from + asked)
        for (const id of some) this.#byId.set(id, undefined)
        yield* this.#read(ofIds, [user, JSON.stringify(some)])
      }
    }
  )
}
