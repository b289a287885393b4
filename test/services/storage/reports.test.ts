/** One contract, every store. */
import { describe, layer } from "@effect/vitest"
import { reportsContract } from "../../../src/testing/ReportsContract.ts"
import { stores } from "../../support/stores.ts"

describe("Reports", () => {
  for (const [name, store] of stores("reports")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of reportsContract) it.effect(name, () => effect)
    })
  }
})
