/**
 * The laws can fail: planted faults are found. These are three that are found soon; `npm run simulate -- --planted` looks for
 * all of them, and docs/proof.md says after how many seeds.
 */
import { assert, describe, it } from "@effect/vitest"
import { find } from "./found.ts"

describe("planted faults that are found soon", () => {
  for (const name of ["acknowledged-before-commit", "retry-loses-its-id", "group-view-one-change-behind"]) {
    it(`P1 P3 P8 ${name}`, async () => {
      const found = await find({ name, most: 100, tries: 0 })
      assert.isDefined(found)
      assert.strictEqual(found.law.split(":")[0], found.fault.promise)
    })
  }
})
