/** One contract, every store: whose files are, and what messages do to them. */
import { describe, layer } from "@effect/vitest"
import { fileRecordsContract } from "../../../src/testing/FileRecordsContract.ts"
import { stores } from "../../support/stores.ts"

describe("FileRecords", () => {
  for (const [name, store] of stores("files")) {
    layer(store)(name, (it) => {
      for (const { effect, name } of fileRecordsContract) it.effect(name, () => effect)
    })
  }
})
