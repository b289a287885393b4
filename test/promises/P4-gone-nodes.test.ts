/** P4 A server changes the store and ends before it can say so: the others look when it is gone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { hubOf, startNode } from "../support/nodes.ts"
import { journals } from "../support/stores.ts"
import { until } from "../support/until.ts"

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]

for (const [name, store] of journals("gone_nodes")) {
  describe(`a server that is gone: ${name}`, () => {
    it.live("a block that it has ended: what was kept back since is told", () =>
      Effect.gen(function*() {
        const { blocks, setBlock } = yield* MessageStore
        const hub = hubOf()
        const here = yield* startNode(hub, "a")
        const scope = yield* Scope.make()
        yield* Scope.provide(startNode(hub, "b"), scope)
        const [reader, speaker] = [yield* here.join("alice"), yield* here.join("bob")]
        yield* reader.ask({ type: "block", user: "bob" }, "blocked_users")
        const [block] = yield* blocks(alice)
        yield* setBlock(alice, bob, false, block!.since)
        yield* speaker.ask({ type: "chat_message", recipient: "alice", text: "for you" }, "message_accepted")
        yield* reader.ask({ type: "ping" })
        assert.notInclude(reader.texts, "for you")
        yield* Scope.close(scope, Exit.void)
        yield* until(Effect.sync(() => reader.texts.includes("for you")))
        assert.deepStrictEqual(
          (yield* reader.ask({ type: "blocked_users" }, "blocked_users")).users,
          []
        )
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(store))))
  })
}
