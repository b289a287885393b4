/** One contract, every directory. */
import { describe, layer } from "@effect/vitest"
import { directoryContract } from "../../../src/testing/DirectoryContract.ts"
import { stores } from "../../support/stores.ts"

describe("Directory", () => {
  for (const [name, store] of stores("directory")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of directoryContract) it.effect(name, () => effect)
    })
  }
})
