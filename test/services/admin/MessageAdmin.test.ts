/** What the operator does to messages: blocks, erasures, exports and retention go with it, and it is written down. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References, Stream } from "effect"
import { ClientId, ConversationId, GroupId, UserId } from "../../../src/domain/Ids.ts"
import { GroupAdmin } from "../../../src/services/admin/GroupAdmin.ts"
import { MessageAdmin } from "../../../src/services/admin/MessageAdmin.ts"
import { PersonalData } from "../../../src/services/personal/PersonalData.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { UserNames } from "../../../src/services/UserNames.ts"
import { actors, join, settle, story } from "../../support/actors.ts"
import { stores } from "../../support/stores.ts"
import { connect } from "../../support/TestClient.ts"
import { TestServer, testServer } from "../../support/TestServer.ts"

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
const conversation = ConversationId.make("dm:alice:bob")
const group = GroupId.make("tea-room")

describe("MessageAdmin", () => {
  story("whoever has the sender blocked hears of a deletion all the same, and sees no more than before", function*() {
    const messages = yield* MessageAdmin
    const there = yield* join("bob")
    yield* there.ask({ type: "block", user: "alice" }, "blocked_users")
    yield* messages.send({ sender: alice, recipient: bob, text: "spam" })
    yield* messages.remove(conversation, 1)
    yield* settle
    assert.deepStrictEqual(there.all("message_deleted").map(({ sender, target }) => [sender, target]), [["@system", 1]])
    const page = yield* there.ask({ type: "history", recipient: "alice", after: 0 }, "history_page")
    assert.deepStrictEqual(page.messages.map(({ kind, sender }) => [kind, sender]), [["text", "alice"], [
      "delete",
      "@system"
    ]])
    assert.deepStrictEqual(there.texts, [])
  })

  story("at level plain nobody hears of it, as of any deletion", function*() {
    const messages = yield* MessageAdmin
    const plain = yield* join("bob", { level: "plain" })
    yield* messages.send({ sender: alice, recipient: bob, text: "spam" })
    yield* messages.remove(conversation, 1)
    yield* settle
    assert.deepStrictEqual(plain.heard.map(({ type }) => type), ["incoming_message"])
  })

  story("many at once delete one text once", function*() {
    const messages = yield* MessageAdmin
    yield* messages.send({ sender: alice, recipient: bob, text: "spam" })
    yield* Effect.all(Array.from({ length: 20 }, () => messages.remove(conversation, 1)), { concurrency: "unbounded" })
    assert.strictEqual((yield* messages.page({ conversation })).head_seq, 2)
  })

  for (const [name, store] of stores("operator_messages")) {
    it.live(`${name}: what is exported, erased and trimmed`, () =>
      Effect.gen(function*() {
        const { port } = yield* TestServer
        const [groups, messages] = [yield* GroupAdmin, yield* MessageAdmin]
        const data = yield* PersonalData
        yield* messages.send({ sender: alice, recipient: bob, text: "spam" })
        yield* messages.send({ sender: bob, recipient: alice, text: "ham" })
        yield* messages.remove(conversation, 1)
        yield* groups.create({ id: group, name: "tea", owner: alice, members: [bob] })
        yield* messages.send({ sender: bob, group, text: "in the group" })
        yield* groups.remove(group)
        const exported = JSON.parse(
          yield* Stream.mkString((yield* data.export(bob))!)
        ) as { readonly conversations: ReadonlyArray<{ readonly entries: ReadonlyArray<Record<string, unknown>> }> }
        assert.deepStrictEqual(
          exported.conversations.map(({ entries }) =>
            entries.map(({ kind, sender, text }) => text ?? `${sender} ${kind}`)
          ),
          [["alice text", "ham", "@system delete"], ["in the group"]]
        )
        const there = yield* connect({ port, user: "alice", level: "v1" })
        yield* (yield* MessageStore).eraseUser(bob)
        yield* messages.remove(conversation, 2)
        const { messages: left } = yield* messages.page({ conversation })
        assert.deepStrictEqual(left.map(({ kind }) => kind), ["text", "text", "delete"])
        yield* (yield* MessageStore).trim({ before: 0, keep: 1 })
        assert.strictEqual((yield* Effect.flip(messages.remove(conversation, 1)))._tag, "ChatError")
        assert.strictEqual(yield* there.code({ type: "ping" }), "pong")
      }).pipe(
        Effect.scoped,
        Effect.provide(PersonalData.layer.pipe(Layer.provideMerge(testServer({ store }))))
      ))
  }

  it.effect("each change is a line, with the reason and without a text or, where that is asked, a name", () =>
    Effect.gen(function*() {
      const lines: Array<readonly [unknown, object]> = []
      const logger = Logger.make<unknown, void>(({ fiber, message }) => {
        lines.push([
          Array.isArray(message) ? message[0] : message,
          { ...fiber.getRef(References.CurrentLogAnnotations) }
        ])
      })
      yield* Effect.gen(function*() {
        const [groups, messages] = [yield* GroupAdmin, yield* MessageAdmin]
        const said = { sender: alice, recipient: bob, text: "secret", id: ClientId.make("1") }
        yield* messages.send(said)
        yield* messages.send(said)
        yield* messages.remove(conversation, 1, { reason: "spam\nforged" })
        yield* messages.remove(conversation, 1, { reason: "again" })
        yield* groups.create({ id: group, name: "tea", owner: alice, members: [] })
        yield* groups.create({ id: group, name: "tea", owner: alice, members: [] })
        yield* groups.putMember(group, bob, "admin")
        yield* groups.putMember(group, bob)
        yield* groups.rename(group, "secret")
        yield* groups.removeMember(group, bob)
        yield* groups.removeMember(group, bob)
        yield* groups.remove(group)
        yield* groups.remove(group)
      }).pipe(
        Effect.provide(
          actors().pipe(
            Layer.provide(Layer.succeed(UserNames, (user) => user.toUpperCase())),
            Layer.provideMerge(Logger.layer([logger]))
          )
        )
      )
      assert.deepStrictEqual(lines.filter(([event]) => String(event).startsWith("Admin.")), [
        ["Admin.message_sent", { user: "ALICE", conversation: "dm:ALICE:BOB", seq: 1 }],
        ["Admin.message_deleted", { user: "ALICE", conversation: "dm:ALICE:BOB", seq: 1, reason: "spam\\u000aforged" }],
        ["Admin.group_created", { user: "ALICE", group }],
        ["Admin.member_put", { user: "BOB", group, role: "admin" }],
        ["Admin.group_renamed", { group }],
        ["Admin.member_removed", { user: "BOB", group }],
        ["Admin.group_deleted", { group }]
      ])
    }).pipe(Effect.scoped))
})
