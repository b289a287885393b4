/** P5: a database that ends a question without a word keeps a server from its news for seconds, and not for good. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Journal } from "../../../src/services/storage/Journal.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { pass } from "../../support/actors.ts"
import { Moody } from "../../support/moodyStore.ts"
import { hubOf, startNode } from "../../support/nodes.ts"

/** Two servers on one store, which treats the second as it likes; their bus loses everything. */
const twoServers = Effect.gen(function*() {
  const moody = new Moody()
  const context = yield* Layer.build(moody.layer)
  const hub = hubOf({ pick: () => 0, lost: 1_000 })
  const server = (name: string) =>
    startNode(hub, name, { heartbeatMillis: 0 }).pipe(
      Effect.provideService(MessageStore, Context.get(context, MessageStore)),
      Effect.provideService(Journal, Context.get(context, Journal))
    )
  return { moody, near: yield* server("near"), far: yield* server("far") }
})

describe("timelyJournal", () => {
  it.effect("P5 a question that is never answered is asked again", () =>
    Effect.gen(function*() {
      const { far, moody, near } = yield* twoServers
      const alice = yield* near.join("alice")
      const bob = yield* far.join("bob")
      moody.only = new Set(["since"])
      moody.mood = "silent"
      // Both servers wait for an answer that does not come, also once the database is well.
      yield* pass("2 seconds")
      assert.isAbove(moody.hanging, 0)
      moody.mood = "well"
      alice.send({ type: "chat_message", recipient: "bob", text: "are you there?", id: "1" })
      yield* pass("10 seconds")
      assert.deepStrictEqual(bob.texts, ["are you there?"])
      assert.strictEqual(moody.hanging, 0)
    }).pipe(Effect.scoped))

  it.effect("P10 a store that does not answer keeps no server from its end", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { moody } = yield* Scope.provide(twoServers, scope)
      moody.only = new Set(["end"])
      moody.mood = "silent"
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* pass("1 second")
      yield* pass("1 second")
      assert.isDefined(closing.pollUnsafe())
    }))
})
