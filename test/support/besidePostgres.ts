/** Several servers' stores on one Postgres, and connections of a test's own to the same tables. */
import { it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, type Scope } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { FileRecords } from "../../src/services/storage/FileRecords.ts"
import { Journal } from "../../src/services/storage/Journal.ts"
import { MessageStore, type StoreError } from "../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../src/services/storage/PostgresMessageStore.ts"
import type { Search } from "../../src/services/storage/Search.ts"
import { freshSchema, hasPostgres, inSchema, isWaitedFor, postgresUrl } from "./postgres.ts"
import { until } from "./until.ts"

type Stores = MessageStore | Journal | FileRecords | Search

type Needs = Stores | SqlClient.SqlClient | Scope.Scope
type Failures = StoreError | SqlError.SqlError

interface Beside {
  readonly sql: SqlClient.SqlClient
  /** As another server has it. */
  readonly another: Effect.Effect<Context.Context<Stores>, StoreError, Scope.Scope>
}

/** A test with a store in a schema of this name. */
export const besidePostgres = (schema: string) =>
(
  title: string,
  body: (beside: Beside) => Generator<Effect.Effect<any, Failures, Needs>, void, never>
) =>
  it.live.skipIf(!hasPostgres)(title, () =>
    Effect.gen(function*() {
      const name = yield* freshSchema(schema)
      const another = Layer.build(Layer.fresh(PostgresMessageStore.layer({ url: postgresUrl, schema: name })))
      const store = yield* another
      const raw = yield* Layer.build(Layer.fresh(inSchema(name)))
      const sql = Context.get(raw, SqlClient.SqlClient)
      yield* Effect.gen(() => body({ sql, another })).pipe(Effect.provide(Context.merge(store, raw)))
    }).pipe(Effect.scoped))

/** Another server does `first`; what is begun then has to wait for it, and goes on when that has done `more`, too. */
export const whileAnother = Effect.fnUntraced(function*<A, E>(
  first: Effect.Effect<unknown, SqlError.SqlError, SqlClient.SqlClient>,
  other: Effect.Effect<A, E, Stores>,
  more: Effect.Effect<unknown, SqlError.SqlError, SqlClient.SqlClient> = Effect.void
) {
  const sql = yield* SqlClient.SqlClient
  const fiber = yield* sql.withTransaction(Effect.gen(function*() {
    yield* first
    const fiber = yield* Effect.forkScoped(other)
    yield* until(isWaitedFor)
    yield* more
    return fiber
  }))
  return yield* Fiber.join(fiber)
})
