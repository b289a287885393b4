/** One contract, every store: what users want of their conversations for themselves. */
import { describe, layer } from "@effect/vitest"
import { preferencesContract } from "../../../src/testing/PreferencesContract.ts"
import { stores } from "../../support/stores.ts"

describe("Preferences", () => {
  for (const [name, store] of stores("preferences")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of preferencesContract) it.effect(name, () => effect)
    })
  }
})
