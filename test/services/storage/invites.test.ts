/** One contract, every store. */
import { describe, layer } from "@effect/vitest"
import { invitesContract } from "../../../src/testing/InvitesContract.ts"
import { stores } from "../../support/stores.ts"

describe("Invites", () => {
  for (const [name, store] of stores("invites")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of invitesContract) it.effect(name, () => effect)
    })
  }
})
