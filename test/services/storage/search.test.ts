/** One contract, every store. */
import { describe, layer } from "@effect/vitest"
import { searchContract } from "../../../src/testing/index.ts"
import { searchesInPostgres } from "../../support/searchesInPostgres.ts"
import { storesInBlocks } from "../../support/searchInBlocks.ts"
import { stores } from "../../support/stores.ts"

describe("Search", () => {
  for (const [name, store] of [...stores("search_contract"), ...storesInBlocks, ...searchesInPostgres("search_ways")]) {
    layer(store)(name, (it) => {
      for (const { effect, name } of searchContract) it.effect(name, () => effect)
    })
  }
})
