/** P8: an erasure beside the server, and whoever has the name next. On every store, through the actors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { graceMillis } from "../../src/services/presence/Presence.ts"
import { Erasures } from "../../src/services/server/Erasures.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, join, pass, startUser, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { stores } from "../support/stores.ts"
import { until } from "../support/until.ts"

const bob = UserId.make("bob")
const direct = Conversation.direct(UserId.make("alice"), bob)

const come = Effect.fnUntraced(function*(user: string) {
  const { connection } = yield* startUser(user, { level: "v1", device: "phone" })
  yield* connection.expect("welcome")
  return connection
})

const say = (connection: MemoryConnection, recipient: string, text: string) =>
  connection.ask({ type: "chat_message", recipient, text }, "message_accepted")

const erase = (user: UserId) => Effect.flatMap(MessageStore, (store) => store.eraseUser(user))

for (const [name, store] of stores("erasing")) {
  describe(`erasing, ${name}`, () => {
    const server = actors({}, Layer.orDie(store))

    it.live("P8 whoever has the name next finds nothing from before, by any frame", () =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        const old = yield* come("bob")
        yield* say(alice, "bob", "to the old one")
        yield* say(old, "alice", "from the old one")
        yield* alice.ask({ type: "react", recipient: "bob", seq: 2, emoji: "👍" })
        alice.send({ type: "read", conversation: direct, up_to: 2 })
        yield* old.waitFor("receipt", ({ read }) => read === 2)
        yield* erase(bob)
        yield* (yield* Erasures).look
        yield* until(Effect.sync(() => old.closedWith !== undefined))
        assert.strictEqual(old.closedWith, CloseCode.Kicked)

        const looksEmpty = Effect.fnUntraced(function*(bob: MemoryConnection) {
          for (const where of [{ after: 0 }, { before: 100 }, { after: 2 }]) {
            const page = yield* bob.ask({ type: "history", recipient: "alice", ...where }, "history_page")
            assert.deepStrictEqual([page.messages, page.has_more, page.first_seq, page.head_seq], [[], false, 0, 0])
          }
          const list = yield* bob.ask({ type: "conversations" }, "conversation_list")
          assert.deepStrictEqual(list.conversations, [])
          const receipts = yield* bob.ask({ type: "receipts", recipient: "alice" }, "receipt_list")
          assert.deepStrictEqual(receipts.receipts, [])
          for (const seq of [1, 2]) {
            assert.deepStrictEqual(
              [
                yield* bob.code({ type: "react", recipient: "alice", seq, emoji: "👍" }),
                yield* bob.code({ type: "chat_message", recipient: "alice", text: "re", reply_to: seq }),
                yield* bob.code({ type: "edit_message", recipient: "alice", seq, text: "mine" }),
                yield* bob.code({ type: "delete_message", recipient: "alice", seq }),
                yield* bob.code({ type: "received", conversation: direct, up_to: seq }),
                yield* bob.code({ type: "read", conversation: direct, up_to: seq })
              ],
              ["not_found", "not_found", "not_found", "not_found", "not_found", "not_found"]
            )
          }
          assert.deepStrictEqual(bob.all("incoming_message"), [])
        })
        const next = yield* come("bob")
        yield* looksEmpty(next)
        yield* say(alice, "bob", "to the new one")
        const message = yield* next.waitFor("incoming_message")
        assert.deepStrictEqual([message.seq, message.text], [4, "to the new one"])
        const page = yield* next.ask({ type: "history", recipient: "alice", before: 100 }, "history_page")
        assert.deepStrictEqual([page.messages.map(({ seq }) => seq), page.has_more, page.first_seq], [[4], false, 4])
        assert.strictEqual(yield* next.code({ type: "react", recipient: "alice", seq: 1, emoji: "👍" }), "not_found")
        // On another device as well: the backlog begins with the name.
        next.vanish()
        const { connection } = yield* startUser("bob", { level: "v1", device: "tablet" })
        assert.strictEqual((yield* connection.waitFor("incoming_message")).seq, 4)
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(server))))

    it.live("P8 beside the server: connections are closed, the group goes on without them, and everybody hears why", () =>
      Effect.gen(function*() {
        const [alice, old, carol] = [yield* come("alice"), yield* come("bob"), yield* come("carol")]
        const { group } = yield* old.ask(
          { type: "create_group", name: "tea", members: ["alice", "carol"] },
          "group_info"
        )
        yield* alice.ask({ type: "chat_message", group, text: "hello" })
        yield* old.waitFor("incoming_message")
        yield* erase(bob)
        // No longer than a moment, by itself.
        yield* until(Effect.sync(() => old.closedWith === CloseCode.Kicked))
        for (const member of [alice, carol]) {
          const owner = yield* member.waitFor("group_changed", ({ change }) => change.action === "role_set")
          assert.deepStrictEqual(owner.change, { action: "role_set", user: UserId.make("alice"), role: "owner" })
          yield* member.waitFor("group_changed", ({ change }) => change.action === "left")
        }
        const next = yield* come("bob")
        yield* alice.ask({ type: "chat_message", group, text: "without bob" })
        yield* carol.waitFor("incoming_message", ({ text }) => text === "without bob")
        assert.strictEqual(yield* next.code({ type: "group_info", group }), "not_found")
        assert.strictEqual(yield* next.code({ type: "history", group, after: 0 }), "not_found")
        assert.strictEqual(yield* next.code({ type: "chat_message", group, text: "?" }), "not_found")
        assert.deepStrictEqual(next.all("incoming_message"), [])
        assert.strictEqual(yield* alice.code({ type: "add_members", group, members: ["bob"] }), "group_info")
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(server))))
  })
}

describe("erasing", () => {
  const [, memory] = stores("erasing")[0]!

  story("P7 nothing is remembered of an erased user who was here, or a moment ago", function*() {
    const store = yield* MessageStore
    const alice = yield* join("alice", "phone")
    const here = yield* join("bob", "phone")
    const gone = yield* join("carol", "phone")
    yield* gone.gone
    for (const user of [bob, UserId.make("carol")]) yield* store.eraseUser(user)
    yield* pass("1 second")
    assert.strictEqual(here.closedWith, CloseCode.Kicked)
    yield* pass(graceMillis + 10_000)
    assert.deepStrictEqual(yield* store.lastSeen([bob, UserId.make("carol")]), [])
    assert.deepStrictEqual([alice.closedWith, yield* (yield* ServerActor).connections], [undefined, 1])
  }, actors({}, Layer.orDie(memory)))

  it.effect("a server that starts lets nobody go for what was erased before", () =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      yield* store.eraseUser(bob)
      yield* Effect.gen(function*() {
        const { connection } = yield* startUser("bob")
        yield* pass("5 seconds")
        assert.strictEqual(connection.closedWith, undefined)
      }).pipe(Effect.provide(actors({}, Layer.succeed(MessageStore, store))))
    }).pipe(Effect.provide(Layer.orDie(memory))))
})
