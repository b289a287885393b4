/** A case of the contract of search, and how it asks. All cases can run on one store, beside each other. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { parseQuery } from "../../domain/search/query.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import type { MessageStore, StoreError } from "../../services/storage/MessageStore.ts"
import { type Found, Search, type SearchOptions } from "../../services/storage/Search.ts"
import { newestFirst } from "../../services/storage/searchRules.ts"
import { freshNames, type Names } from "../contract/ContractCase.ts"

export interface SearchCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore | Search>
}

export type Asked = Omit<SearchOptions, "query" | "limit" | "after">

/** Pages that a case asks for at most: a search that never ends is a fault. */
const maxPages = 1_000

const placeOf = ({ conversation, entry: { at, seq } }: Found) => ({ at, conversation, seq })

/** All that is found, page by page, the newest first and each once. */
export const findAll = Effect.fnUntraced(
  function*(query: string, asked: Asked, limit = 10): Effect.fn.Return<ReadonlyArray<Found>, StoreError, Search> {
    const search = yield* Search
    const found: Array<Found> = []
    const options = { ...asked, query: parseQuery(query), limit }
    let after: SearchPlace | undefined
    for (let pages = 0; pages < maxPages; pages++) {
      const page = yield* search.find(after === undefined ? options : Object.assign({ after }, options))
      assert.ok(page.found.length <= limit)
      for (const each of page.found) {
        const last = found.at(-1)
        assert.ok(
          last === undefined || newestFirst(placeOf(last), placeOf(each)) < 0,
          "the newest first, and each once"
        )
        found.push(each)
      }
      if (page.next === undefined) return found
      after = page.next
    }
    return assert.fail("A search does not end.")
  }
)

/** The texts that this user finds. */
export const textsFound = (query: string, user: UserId, asked: Omit<Asked, "user"> = {}, limit?: number) =>
  Effect.map(findAll(query, { user, ...asked }, limit), (found) => found.map(({ entry }) => entry.text))

/** The places that this user finds in a conversation. */
export const placesFound = (query: string, user: UserId, conversation: ConversationId) =>
  Effect.map(findAll(query, { user, conversation }), (found) => found.map(({ entry }) => entry.seq))

export const searchCase = (
  name: string,
  body: (names: Names) => Effect.fn.Return<void, StoreError, MessageStore | Search>
): SearchCase => ({
  name,
  effect: Effect.gen(function*() {
    yield* body(yield* freshNames)
  })
})
