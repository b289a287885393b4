/** One contract, every store. */
import { describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import type { MessageStore, StoreError } from "../../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { messageStoreContract } from "../../../src/testing/MessageStoreContract.ts"
import { freshSchema, hasPostgres, postgresUrl } from "../../support/postgres.ts"

const contract = <E>(name: string, store: Layer.Layer<MessageStore, E | StoreError>) =>
  layer(store)(name, (it) => {
    for (const { effect, name } of messageStoreContract) it.effect(name, () => effect)
  })

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchboard-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("MessageStore", () => {
  contract("memory", MemoryMessageStore.layer())

  contract(
    "sqlite",
    Layer.unwrap(Effect.map(directory, (path) => SqliteMessageStore.layer({ filename: join(path, "chat.db") })))
  )

  describe.skipIf(!hasPostgres)("with Postgres", () => {
    contract(
      "postgres",
      Layer.unwrap(
        Effect.map(freshSchema("contract"), (schema) => PostgresMessageStore.layer({ url: postgresUrl, schema }))
      )
    )
  })
})
