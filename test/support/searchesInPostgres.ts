/** Postgres stores whose searches go each of the ways that a search may go, however few texts there are. */
import { Context, Effect, Layer } from "effect"
import { PostgresSearchSizes } from "../../src/services/storage/PostgresSearch.ts"
import { Search } from "../../src/services/storage/Search.ts"
import { hasPostgres } from "./postgres.ts"
import { filled } from "./searchInBlocks.ts"
import { postgres } from "./stores.ts"

const none = { conversations: 0, entries: 0 }
const many = { conversations: 1_000, entries: 100_000 }

const ways = {
  // Each page looks at three texts.
  downwards: { walk: 3, rare: 1, few: none },
  "by the index": { walk: 1, rare: 1_000_000, few: none },
  "through all": { walk: 1, rare: 1, few: many }
}

/** What was noted is in the index before each look. */
const broughtIn = (store: ReturnType<typeof postgres>) =>
  Layer.effectContext(Effect.gen(function*() {
    const context = yield* Layer.build(store)
    const search = Context.get(context, Search)
    const find: Search["Service"]["find"] = (options) =>
      Effect.andThen(Effect.provide(filled, context), search.find(options))
    return Context.add(context, Search, Search.of({ ...search, find }))
  }))

export const searchesInPostgres = (schema: string) =>
  hasPostgres
    ? Object.entries(ways).map(([way, sizes], i) =>
      [
        `postgres, ${way}`,
        broughtIn(postgres(`${schema}_${i}`)).pipe(Layer.provide(Layer.succeed(PostgresSearchSizes, sizes)))
      ] as const
    )
    : []
