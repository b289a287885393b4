/** One contract, every store. */
import { describe, layer } from "@effect/vitest"
import { picturesContract } from "../../../src/testing/PicturesContract.ts"
import { stores } from "../../support/stores.ts"

describe("pictures", () => {
  for (const [name, store] of stores("pictures")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of picturesContract) it.effect(name, () => effect)
    })
  }
})
