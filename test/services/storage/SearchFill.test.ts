/** The fill of an index goes on until all is in it, says how far it is, and outlives a store that fails. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { StoreError } from "../../../src/services/storage/MessageStore.ts"
import { Search } from "../../../src/services/storage/Search.ts"
import { SearchFill } from "../../../src/services/storage/SearchFill.ts"

/** Each step takes so long, in milliseconds, and leaves so much, or fails. */
const filling = (steps: ReadonlyArray<readonly [millis: number, left: number | "fails"]>) => {
  let at = 0
  const fill = Effect.gen(function*() {
    const [millis, left] = steps[at++] ?? [0, 0]
    yield* Effect.sleep(millis)
    return left === "fails" ? yield* new StoreError({ kind: "unavailable", message: "It is gone." }) : left
  })
  const search = Search.of({ find: () => Effect.succeed({ found: [] }), fill })
  return { layer: SearchFill.layer.pipe(Layer.provide(Layer.succeed(Search, search))), asked: () => at }
}

const logging = (lines: Array<string>) =>
  Logger.layer([
    Logger.make<unknown, void>(({ fiber, message }) => {
      const { left } = fiber.getRef(References.CurrentLogAnnotations)
      const [name, ...more] = Array.isArray(message) ? message : [message]
      lines.push([name, ...(left === undefined ? more : [left])].join(" "))
    })
  ])

describe("SearchFill", () => {
  it.effect("says at the beginning, every ten seconds and at the end how far it is, and then asks once a second", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const { asked, layer } = filling([[0, 50], [4_000, 40], [4_000, 30], [4_000, 20], [4_000, 10], [4_000, 0]])
      yield* Layer.build(layer).pipe(Effect.provide(logging(lines)))
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(lines, ["SearchFill.filling 50", "SearchFill.filling 20", "SearchFill.filled"])
      assert.strictEqual(asked(), 6)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(asked(), 16)
      assert.strictEqual(lines.length, 3)
    }))

  it.effect("goes on when the store failed, and says nothing where there is nothing to fill", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const { layer } = filling([[0, "fails"], [0, 5], [0, 0]])
      yield* Layer.build(layer).pipe(Effect.provide(logging(lines)))
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(lines, ["SearchFill.failed It is gone.", "SearchFill.filling 5", "SearchFill.filled"])
      yield* Layer.build(filling([]).layer).pipe(Effect.provide(logging(lines)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(lines.length, 3)
    }))

  it.effect("a store without a search has nothing to do", () => Effect.asVoid(Layer.build(SearchFill.layer)))
})
