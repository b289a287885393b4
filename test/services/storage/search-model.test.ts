/** What a search finds is what a look through the history finds, whatever has happened: for each user, on each store. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { SearchSizes } from "../../../src/services/storage/searchSizes.ts"
import { answers, begun, happens, question, users } from "../../support/searchModel.ts"
import { sqlite, stores } from "../../support/stores.ts"

/** A small budget makes pages that are short and go on. */
const small = (block: number, budget: number) =>
  [
    `sqlite in blocks of ${block}, at ${budget} a page`,
    Layer.provide(sqlite, Layer.succeed(SearchSizes, { block, budget, few: 0 }))
  ] as const

const turns = 120
const questions = 3

const run = Effect.gen(function*() {
  yield* TestClock.setTime(1_000_000)
  const store = yield* MessageStore
  yield* store.commit(begun, [])
  let now = 100
  for (let turn = 1; turn <= turns; turn++) {
    now += yield* Random.nextIntBetween(0, 50)
    yield* happens(now)
    if (turn % 8 !== 0) continue
    for (const user of users) {
      for (let i = 0; i < questions; i++) {
        const asked = yield* question(now)
        const limit = yield* Random.nextIntBetween(1, 30)
        const { expected, found } = yield* answers(user, asked, limit)
        assert.deepStrictEqual(found, expected, `${user} asks ${JSON.stringify(asked)} in turn ${turn}`)
      }
    }
  }
})

describe("search finds what history shows, under edits, deletions, blocks, leaving, rejoining, erasure and retention", () => {
  for (
    const [name, store] of [...stores("search_model"), small(3, 60_000), small(16, 60_000), small(3, 1), small(5, 100)]
  ) {
    for (const seed of [1, 2]) {
      it.effect(`${name}, seed ${seed}`, () => run.pipe(Random.withSeed(seed), Effect.provide(store)))
    }
  }
})
