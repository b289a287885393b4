/** What the role of a server has to be allowed: no more than `switchboard doctor` says. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { ConversationId, MessageId, UserId } from "../../../src/domain/Ids.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { freshRole, freshSchema, hasPostgres, ofWorker, postgresUrl, runAt } from "../../support/postgres.ts"

describe.skipIf(!hasPostgres)("the role of a server", () => {
  it.live(
    "P1 one that may make nothing keeps what is said where everything is made already",
    () =>
      Effect.gen(function*() {
        const schema = yield* freshSchema("rights")
        const owner = Redacted.value(postgresUrl)
        const role = ofWorker("rights_guest")
        const guest = yield* freshRole(role)
        yield* Effect.scoped(Layer.build(PostgresMessageStore.layer({ url: postgresUrl, schema })))
        yield* runAt(
          owner,
          `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
          `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`
        )
        const [rights] = yield* runAt(
          guest,
          `SELECT has_database_privilege(current_database(), 'CREATE') AS in_database,
          has_schema_privilege('${schema}', 'CREATE') AS in_schema`
        )
        assert.deepStrictEqual<unknown>(rights, [{ in_database: false, in_schema: false }])
        const conversation = ConversationId.make("dm:alice:bob")
        yield* Effect.gen(function*() {
          const store = yield* MessageStore
          const { appends } = yield* store.commit([{
            kind: "text",
            conversation,
            sender: UserId.make("alice"),
            clientId: undefined,
            messageId: MessageId.make("m1"),
            at: 0,
            text: "hello",
            replyTo: undefined
          }], [])
          assert.deepStrictEqual(appends.map(({ _tag }) => _tag), ["Accepted"])
        }).pipe(Effect.provide(PostgresMessageStore.layer({ url: Redacted.make(guest), schema })))
      }).pipe(Effect.scoped),
    60_000
  )
})
