/** The embedded store with all of its SQL, on a database that is in memory: what a simulation may not do is wait for a disk. */
import { Effect, Layer } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { migrations, table } from "../../../src/services/storage/migrations.ts"
import * as SqliteClient from "../../../src/services/storage/SqliteClient.ts"
import * as SqliteSearch from "../../../src/services/storage/SqliteSearch.ts"
import * as SqlMessageStore from "../../../src/services/storage/SqlMessageStore.ts"
import { withParts } from "../../../src/services/storage/sqlParts.ts"

export const memorySqlite = Layer.effectContext(
  Effect.gen(function*() {
    yield* Migrator.make({})({ loader: migrations, table })
    const store = yield* SqlMessageStore.make("disk")
    return yield* withParts(store, yield* SqliteSearch.make(yield* SqlClient.SqlClient))
  })
).pipe(Layer.provide(SqliteClient.layer({ filename: ":memory:" })), Layer.orDie)
