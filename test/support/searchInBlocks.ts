/** A SQLite store whose texts are in blocks as soon as they are said, or with few of them in the tail. */
import { Context, Effect, Layer } from "effect"
import { Search } from "../../src/services/storage/Search.ts"
import { SearchSizes } from "../../src/services/storage/searchSizes.ts"
import { sqlite } from "./stores.ts"

export const filled = Effect.gen(function*() {
  const search = yield* Search
  while ((yield* search.fill) > 0);
})

/** The index takes in all that it can before each look. */
export const searchInBlocks = (block: number) =>
  Layer.effectContext(Effect.gen(function*() {
    const context = yield* Layer.build(sqlite)
    const search = Context.get(context, Search)
    return Context.add(
      context,
      Search,
      Search.of({ ...search, find: (options) => Effect.andThen(Effect.provide(filled, context), search.find(options)) })
    )
  })).pipe(Layer.provide(Layer.succeed(SearchSizes, { block, budget: 60_000, few: 0 })))

export const storesInBlocks = [1, 2, 7].map((size) => [`sqlite in blocks of ${size}`, searchInBlocks(size)] as const)
