/** One contract, every store: where browsers are told of messages. */
import { describe, layer } from "@effect/vitest"
import { pushRecordsContract } from "../../../src/testing/PushRecordsContract.ts"
import { stores } from "../../support/stores.ts"

describe("PushRecords", () => {
  for (const [name, store] of stores("push")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of pushRecordsContract) it.effect(name, () => effect)
    })
  }
})
