/** The stores that promises are checked on. */
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, type StoreError } from "../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../src/services/storage/PostgresMessageStore.ts"
import { SqliteMessageStore } from "../../src/services/storage/SqliteMessageStore.ts"
import type { StoreParts } from "../../src/services/storage/StoreParts.ts"
import { Ageing } from "../../src/testing/index.ts"
import { freshSchema, hasPostgres, inSchema, ofWorker, postgresUrl } from "./postgres.ts"

/** A directory that is gone when the scope closes. */
export const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "switchboard-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A store of the process's memory, some of which is another's. */
export const memoryWith = (change: (store: MessageStore["Service"]) => Partial<MessageStore["Service"]>) =>
  Layer.effect(MessageStore, Effect.map(MessageStore, (store) => ({ ...store, ...change(store) }))).pipe(
    Layer.provide(MemoryMessageStore.layer())
  )

export const sqlite: Layer.Layer<MessageStore | StoreParts, StoreError> = Layer
  .unwrap(
    Effect.map(temporaryDirectory, (path) => SqliteMessageStore.layer({ filename: join(path, "chat.db") }))
  )

export const postgres = (schema: string) =>
  Layer.unwrap(Effect.map(freshSchema(schema), (schema) => PostgresMessageStore.layer({ url: postgresUrl, schema })))

const age = (schema: string, millis: number) =>
  Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql`UPDATE journal SET at = at - ${millis} * interval '1 millisecond'`
    yield* sql`UPDATE epochs SET beat_at = beat_at - ${millis} * interval '1 millisecond'`
  }).pipe(Effect.provide(inSchema(schema)), Effect.orDie)

/** Of one run of all its cases: what makes a store's journal older. */
const ageing = (age: (millis: number) => Effect.Effect<void>) => Layer.succeed(Ageing, { age })

/** Those with a journal, and how it becomes older. */
export const journals = (schema: string) => [
  ["memory", Layer.merge(MemoryMessageStore.layer(), ageing((millis) => TestClock.adjust(millis)))] as const,
  ...(hasPostgres
    ? [["postgres", Layer.merge(postgres(schema), ageing((millis) => age(ofWorker(schema), millis)))] as const]
    : [])
]

/** By name, with how to make a fresh one for a test of this name. */
export const stores = (schema: string) => [
  ["memory", MemoryMessageStore.layer()] as const,
  ["sqlite", sqlite] as const,
  ...(hasPostgres ? [["postgres", postgres(schema)] as const] : [])
]
