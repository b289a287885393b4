/**
 * Finds texts by their words. It lies where the log lies: what is accepted is found, and what was edited, deleted, erased
 * or trimmed is not found any more, from the same commit on. Comes with the stores of this package; for a store of your own
 * provide it beside your `MessageStore`, and `searchContract` is the suite that both have to pass. Without it nobody can
 * search.
 */
import { Context, type Effect } from "effect"
import type { TextEntry } from "../../domain/entries/Text.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Query } from "../../domain/search/query.ts"
import type { SearchPlace } from "../../domain/search/SearchCursor.ts"
import type { StoreError } from "./MessageStore.ts"

export interface SearchOptions {
  /** In what they may see as members now, from where each membership begins; their blocks aside. Without it, in everything. */
  readonly user?: UserId
  /** Without terms, everything that fits the rest. */
  readonly query: Query
  readonly conversation?: ConversationId
  readonly sender?: UserId
  /** Milliseconds since the epoch, both excluded. */
  readonly beforeAt?: number
  readonly afterAt?: number
  /** With files, or with a web address in the text. */
  readonly has?: "file" | "link"
  /** Only what stands behind this place. */
  readonly after?: SearchPlace
  readonly limit: number
}

export interface Found {
  readonly conversation: ConversationId
  readonly entry: TextEntry
}

export interface SearchPage {
  /** The newest first. */
  readonly found: ReadonlyArray<Found>
  /** Where to go on. One call looks at a bounded number of entries: a page may have few and a `next`. */
  readonly next?: SearchPlace
}

export class Search extends Context.Service<Search, {
  /** Texts whose own words, or those of their files' names, have all terms of the query (`domain/search`). */
  find(options: SearchOptions): Effect.Effect<SearchPage, StoreError>
  /**
   * Brings a part of what was there before the index into it, the newest first, and answers how many entries are left;
   * 0 once all are found. It takes turns with those who write.
   */
  readonly fill: Effect.Effect<number, StoreError>
  /** There is nothing to bring in, ever: `fill` need not be asked, and an idle server wakes up for nobody. */
  readonly isAlwaysFilled?: true
}>()("switchboard/services/storage/Search") {}
