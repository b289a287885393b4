/** A server that shares a Postgres and is gone in the middle of a commit, of which the database hears nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Logger, Redacted } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { parseQuery } from "../../../src/domain/search/query.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { Search } from "../../../src/services/storage/Search.ts"
import { commit, text } from "../../../src/testing/contract/commands.ts"
import { freshSchema, hasPostgres, postgresUrl } from "../../support/postgres.ts"
import { tcpProxy } from "../../support/tcpProxy.ts"
import { until } from "../../support/until.ts"

const alice = UserId.make("alice")
const conversation = Conversation.direct(alice, UserId.make("bob"))

describe("a server that vanishes", () => {
  it.live.skipIf(!hasPostgres)(
    "P1 holds others up for seconds, and then its commit has not happened",
    () =>
      Effect.gen(function*() {
        const schema = yield* freshSchema("vanished")
        const url = new URL(Redacted.value(postgresUrl))
        const proxy = yield* tcpProxy({ host: url.hostname, port: Number(url.port || 5_432) })
        url.hostname = "127.0.0.1"
        url.port = String(proxy.port)
        const open = (url: Redacted.Redacted<string>) =>
          Effect.map(
            Layer.build(Layer.fresh(PostgresMessageStore.layer({ url, schema }))),
            (context) => Context.get(context, MessageStore)
          )
        const vanishing = yield* open(Redacted.make(url.href))
        const other = yield* open(postgresUrl)
        yield* commit(text(alice, conversation, "one")).pipe(Effect.provideService(MessageStore, other))
        proxy.silenceBefore("INSERT INTO entries")
        const lost = yield* Effect.exit(
          commit(text(alice, conversation, "two")).pipe(Effect.provideService(MessageStore, vanishing))
        )
        assert.isTrue(Exit.isFailure(lost))
        yield* until(Effect.map(
          Effect.exit(commit(text(alice, conversation, "three")).pipe(Effect.provideService(MessageStore, other))),
          Exit.isSuccess
        ))
        const { entries } = yield* other.history({ conversation, after: 0, limit: 10 })
        assert.deepStrictEqual(entries.map((entry) => entry.kind === "text" && entry.text), ["one", "three"])
      }).pipe(Effect.scoped)
  )

  it.live.skipIf(!hasPostgres)(
    "does not take a line that breaks in what it does by itself for a mistake of its own",
    () => {
      const told: Array<unknown> = []
      const logger = Logger.make(({ message }) => void told.push(message))
      return Effect.gen(function*() {
        const schema = yield* freshSchema("cut")
        const url = new URL(Redacted.value(postgresUrl))
        const proxy = yield* tcpProxy({ host: url.hostname, port: Number(url.port || 5_432) })
        url.hostname = "127.0.0.1"
        url.port = String(proxy.port)
        const context = yield* Layer.build(
          Layer.fresh(PostgresMessageStore.layer({ url: Redacted.make(url.href), schema }))
        )
        // In the transaction that brings texts into the index, of which there is something from here on.
        proxy.cutBefore("FROM search_fill FOR UPDATE")
        yield* commit(text(alice, conversation, "one")).pipe(Effect.provide(context))
        yield* until(Effect.sync(() => proxy.cuts() >= 3))
        proxy.cutBefore(undefined)
        const search = Context.get(context, Search)
        const found = search.find({ user: alice, query: parseQuery("one"), limit: 10 })
        yield* until(Effect.map(Effect.exit(found), (exit) => Exit.isSuccess(exit) && exit.value.found.length === 1))
        assert.isEmpty(told)
      }).pipe(Effect.scoped, Effect.provide(Logger.layer([logger])))
    }
  )
})
