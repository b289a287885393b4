/** One contract, every store. */
import { describe, layer } from "@effect/vitest"
import { messageStoreContract } from "../../../src/testing/MessageStoreContract.ts"
import { stores } from "../../support/stores.ts"

describe("MessageStore", () => {
  for (const [name, store] of stores("contract")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of messageStoreContract) it.effect(name, () => effect)
    })
  }
})
