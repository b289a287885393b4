/**
 * The laws can fail: planted faults are found. These are six that are found soon; `npm run simulate -- --planted` looks for
 * all of them, and docs/proof.md says after how many seeds.
 */
import { assert, describe, it } from "@effect/vitest"
import { find } from "./found.ts"

describe("planted faults that are found soon", () => {
  const soon = [
    "acknowledged-before-commit",
    "retry-loses-its-id",
    "page-without-its-last-entry",
    "forgotten-unregister",
    "group-view-one-change-behind",
    "stop-without-a-word"
  ]
  for (const name of soon) {
    it(`P1 P3 P5 P7 P8 P10 ${name}`, async () => {
      const found = await find({ name, most: 100, tries: 0 })
      assert.isDefined(found)
      assert.strictEqual(found.law.split(":")[0], found.fault.promise)
    })
  }
})
