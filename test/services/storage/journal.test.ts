/** One contract, every journal. */
import { describe, layer } from "@effect/vitest"
import { journalContract } from "../../../src/testing/index.ts"
import { journals } from "../../support/stores.ts"

describe("Journal", () => {
  for (const [name, store] of journals("journal")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of journalContract) it.effect(name, () => effect)
    })
  }
})
