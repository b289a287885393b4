/** One contract of those who follow the log, every store; and what only one of them has. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { join } from "node:path"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { type ConversationId, UserId } from "../../../src/domain/Ids.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { Subscriptions } from "../../../src/services/storage/Subscriptions.ts"
import * as commands from "../../../src/testing/contract/commands.ts"
import { subscriptionsContract } from "../../../src/testing/SubscriptionsContract.ts"
import { dataFile } from "../../support/dataFiles.ts"
import { freshSchema, hasPostgres, postgresUrl } from "../../support/postgres.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { until } from "../../support/until.ts"

const sqlite = Layer.unwrap(
  Effect.map(temporaryDirectory, (path) => SqliteMessageStore.layer({ filename: join(path, "chat.db") }))
)
const postgres = Layer.unwrap(
  Effect.map(freshSchema("subscriptions"), (schema) => PostgresMessageStore.layer({ url: postgresUrl, schema }))
)
const stores = [
  ["memory", MemoryMessageStore.layer()] as const,
  ["sqlite", sqlite] as const,
  ...(hasPostgres ? [["postgres", postgres] as const] : [])
]

describe("Subscriptions", () => {
  for (const [name, store] of stores) {
    layer(store)(name, (it) => {
      for (const { effect, name } of subscriptionsContract) it.effect(name, () => effect)
    })
  }

  it.effect("positions and who is stopped outlive the process, and the next one has the file at once", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
      const conversation = Conversation.direct(alice, bob)
      const withFile = <A, E>(
        effect: Effect.Effect<A, E, Subscriptions | Layer.Success<ReturnType<typeof SqliteMessageStore.layer>>>
      ) => Effect.provide(effect, SqliteMessageStore.layer({ filename }), { local: true })
      yield* withFile(Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        yield* subscriptions.open("crm", "now")
        yield* subscriptions.lease("crm", "one", 60_000)
        yield* commands.commit(commands.text(alice, conversation), commands.text(bob, conversation))
        assert.isTrue(yield* subscriptions.move("crm", "one", [{ conversation, seq: 1 }]))
        yield* subscriptions.stop("crm", "gone")
      }))
      yield* withFile(Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        yield* subscriptions.open("crm", "now")
        assert.isTrue(yield* subscriptions.lease("crm", "two", 60_000))
        assert.strictEqual(yield* subscriptions.stopped("crm"), "gone")
        assert.deepStrictEqual((yield* subscriptions.behind("crm", { limit: 10 })).items, [
          { conversation, after: 1, head: 2 }
        ])
      }))
    }).pipe(Effect.scoped))

  it.live.skipIf(!hasPostgres)(
    "on Postgres a lease runs out, and whoever had it moves nothing any more",
    () =>
      Effect.gen(function*() {
        const subscriptions = yield* Subscriptions
        yield* subscriptions.open("crm", "now")
        assert.isTrue(yield* subscriptions.lease("crm", "one", 300))
        assert.isFalse(yield* subscriptions.lease("crm", "two", 300))
        assert.isTrue(yield* subscriptions.lease("crm", "one", 300))
        yield* until(subscriptions.lease("crm", "two", 60_000))
        const taken = [{ conversation: Conversation.direct(UserId.make("a"), UserId.make("b")), seq: 1 }]
        assert.isFalse(yield* subscriptions.move("crm", "one", taken))
        assert.isFalse(yield* subscriptions.lease("crm", "one", 300))
        assert.isTrue(yield* subscriptions.move("crm", "two", taken))
      }).pipe(
        Effect.provide(Layer.fresh(Layer.unwrap(
          Effect.map(freshSchema("leases"), (schema) => PostgresMessageStore.layer({ url: postgresUrl, schema }))
        ))),
        Effect.scoped
      )
  )

  it.effect("all of very many conversations is looked at, in steps, and one that begins now has taken all", () =>
    Effect.gen(function*() {
      const subscriptions = yield* Subscriptions
      const alice = UserId.make("alice")
      const conversations = Array.from({ length: 1_500 }, (_, i) => Conversation.direct(alice, UserId.make(`u${i}`)))
      yield* commands.commit(...conversations.map((each) => commands.text(alice, each)))
      yield* subscriptions.open("all", "beginning")
      yield* subscriptions.open("none", "now")
      const { items, next } = yield* subscriptions.behind("none", { limit: 10 })
      assert.deepStrictEqual(items, [])
      assert.isDefined(next)
      const count = Effect.fnUntraced(function*(name: string) {
        let found = 0
        let after: ConversationId | undefined
        while (true) {
          const page: Effect.Success<ReturnType<typeof subscriptions.behind>> = yield* subscriptions.behind(name, {
            limit: 100,
            ...(after === undefined ? undefined : { after })
          })
          found += page.items.length
          if (page.next === undefined) return found
          after = page.next
        }
      })
      assert.deepStrictEqual([yield* count("all"), yield* count("none")], [1_500, 0])
    }).pipe(Effect.provide(Layer.fresh(sqlite)), Effect.scoped))
})
