/** How much the search index takes at a time. */
import { Context } from "effect"

export interface SearchSizesShape {
  /** Texts of a block. More are faster to search and cost more when one of them changes. */
  readonly block: number
  /** What one call of `find` may cost, in microseconds, about. */
  readonly budget: number
  /** Who may see no more entries than that finds in them, without the index. */
  readonly few: number
}

export const SearchSizes = Context.Reference<SearchSizesShape>("switchboard/services/storage/SearchSizes", {
  defaultValue: () => ({ block: 4_096, budget: 15_000, few: 1_024 })
})
