/** Which position a commit has: no offset is used twice for what others may have seen, and none is left out. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Publisher } from "../../../src/services/cluster/Publisher.ts"

const makePublisher = () => {
  let opened = 0
  return new Publisher({ open: () => Effect.sync(() => 10 * ++opened) }, "node")
}

describe("a publisher", () => {
  it.effect("counts what was written, and uses the offset of what was not again", () =>
    Effect.gen(function*() {
      const publisher = makePublisher()
      const first = yield* publisher.next()
      assert.deepStrictEqual(first, { epoch: 10, offset: 1, notes: [] })
      // Only cursors moved: nothing is in the journal.
      const again = yield* publisher.next(["note"])
      assert.deepStrictEqual(again, { epoch: 10, offset: 1, notes: ["note"] })
      publisher.wrote(again)
      assert.strictEqual((yield* publisher.next()).offset, 2)
      assert.deepStrictEqual([publisher.epoch, publisher.offset], [10, 1])
    }))

  it.effect("P5 gives its epoch up when nobody knows, and begins another before the next commit", () =>
    Effect.gen(function*() {
      const publisher = makePublisher()
      const unknown = yield* publisher.next()
      publisher.doubt()
      assert.isUndefined(publisher.epoch)
      // It surfaces late, and is the last of its epoch.
      publisher.wrote(unknown)
      assert.deepStrictEqual(yield* publisher.next(), { epoch: 20, offset: 1, notes: [] })
    }))
})
