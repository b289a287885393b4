/**
 * P1 P3 P8 P9: what a message has beside its words, an app's data and who is meant by it, is with it wherever it is shown,
 * and nowhere else. On each store, over real sockets.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { MessageAdmin } from "../../src/services/admin/MessageAdmin.ts"
import { Users } from "../../src/services/admin/Users.ts"
import type { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { stores } from "../support/stores.ts"
import { connect, type TestClient } from "../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../support/TestServer.ts"

let stories = 0

const people = Effect.fnUntraced(function*(...names: ReadonlyArray<string>) {
  const { port } = yield* TestServer
  const story = stories++
  const all = yield* Effect.forEach(names, (name) => connect({ port, user: `${name}-${story}`, level: "v1" }))
  // One for each name, which the type of an array does not say.
  return all as never as readonly [TestClient, TestClient, TestClient]
})

const data = { title: "Tea?", buttons: [{ id: "yes" }, { id: "no", big: 1.5 }], nested: { a: [null, true] } }

const server = (store: Layer.Layer<MessageStore, unknown>) =>
  testServer({ store: Layer.orDie(store), settings: { ...unlimitedFrames, maxConnectionsPerSecond: 0 } })

const codeOf = (who: TestClient, frame: { readonly type: string; readonly [field: string]: unknown }) =>
  Effect.map(who.ask(frame, "error"), ({ code }) => code)

const items = (who: TestClient, order: object = {}) =>
  Effect.map(who.ask({ type: "conversations", ...order }, "conversation_list"), ({ conversations }) => conversations)

describe("mentions and data", () => {
  for (const [name, store] of stores("promises_words")) {
    layer(server(store), { excludeTestServices: true })(name, (it) => {
      it.effect("P1 are with a message that is pushed, in history, in lists, found and exported", () =>
        Effect.gen(function*() {
          const [alice, bob] = yield* people("alice", "bob")
          const to = { recipient: bob.user }
          const mentions = [bob.user]
          const said = { type: "chat_message", ...to, text: "marigold", data, mentions, id: "1" }
          const { conversation, seq } = yield* alice.ask(said, "message_accepted")
          const shows = (entry: object) => assert.deepInclude<object>(entry, { text: "marigold", data, mentions })
          shows(yield* bob.waitFor("incoming_message"))
          const [there] = (yield* bob.ask({ type: "history", conversation, after: 0 }, "history_page")).messages
          shows(there!)
          const [item] = yield* items(bob, { order: "recent" })
          shows(item!.last_message!)
          assert.strictEqual(item!.mentions, 1)
          const [hit] = (yield* bob.ask({ type: "search", query: "marigold" }, "search_result")).hits
          shows(hit!)
          // Data has words of its own, which are not the sender's.
          assert.isEmpty((yield* bob.ask({ type: "search", query: "buttons" }, "search_result")).hits)
          const exported = yield* (yield* Users).export(UserId.make(alice.user))
          assert.include(JSON.stringify(yield* Stream.runCollect(exported!)), JSON.stringify(data))
          bob.send({ type: "read", conversation, up_to: seq })
          yield* alice.waitFor("receipt", ({ read }) => read === seq)
          assert.notProperty((yield* items(bob))[0]!, "mentions")
          // P3
          const again = yield* alice.ask(said, "message_accepted")
          assert.deepStrictEqual([again.seq, again.duplicate], [seq, true])
          assert.strictEqual(yield* codeOf(alice, { ...said, data: { ...data, title: "Coffee?" } }), "id_conflict")
          assert.strictEqual(yield* codeOf(alice, { ...said, mentions: undefined }), "id_conflict")
        }).pipe(Effect.scoped))

      it.effect("an edit replaces data or leaves it, and a text that is deleted has none", () =>
        Effect.gen(function*() {
          const [alice, bob] = yield* people("alice", "bob")
          const to = { recipient: bob.user }
          // A card needs no words.
          const { conversation } = yield* alice.ask({ type: "chat_message", ...to, text: "", data }, "message_accepted")
          const shown = Effect.map(
            bob.ask({ type: "history", conversation, after: 0 }, "history_page"),
            ({ messages: [first] }) => first?.kind === "text" ? [first.text, first.data] : []
          )
          yield* alice.ask({ type: "edit_message", ...to, seq: 1, text: "words" })
          assert.notProperty(yield* bob.waitFor("message_edited"), "data")
          assert.deepStrictEqual(yield* shown, ["words", data])
          yield* alice.ask({ type: "edit_message", ...to, seq: 1, text: "", data: { done: true } })
          const edited = yield* bob.waitFor("message_edited", ({ text }) => text === "")
          assert.deepStrictEqual(edited.data, { done: true })
          assert.deepStrictEqual(yield* shown, ["", { done: true }])
          assert.strictEqual(
            yield* codeOf(alice, { type: "edit_message", ...to, seq: 1, text: " " }),
            "invalid_frame"
          )
          yield* alice.ask({ type: "delete_message", ...to, seq: 1 })
          assert.deepStrictEqual(yield* shown, [undefined, undefined])
        }).pipe(Effect.scoped))

      it.effect("P8 nobody is mentioned who is not in, and the refusal says nothing of who there is", () =>
        Effect.gen(function*() {
          const [alice, bob, eve] = yield* people("alice", "bob", "eve")
          const made = yield* alice.ask({ type: "create_group", name: "tea", members: [bob.user] }, "group_info")
          const refused = Effect.fnUntraced(function*(who: TestClient, to: object, mentions: unknown) {
            const { code, message } = yield* who.ask({ type: "chat_message", ...to, text: "hi", mentions }, "error")
            return [code, message]
          })
          const group = { group: made.group }
          const direct = { recipient: bob.user }
          for (const to of [group, direct]) {
            const [code, message] = yield* refused(alice, to, [bob.user, eve.user])
            assert.strictEqual(code, "invalid_target")
            const [same, sentence] = yield* refused(alice, to, ["nobody-at-all"])
            assert.deepStrictEqual([same, sentence], [code, message!.replace(eve.user, "nobody-at-all")])
          }
          assert.strictEqual((yield* refused(bob, group, ["@all"]))[0], "forbidden")
          assert.strictEqual((yield* refused(alice, direct, ["@all"]))[0], "invalid_target")
          // Whoever is no member of the group is told what everybody is told.
          assert.strictEqual((yield* refused(eve, group, [bob.user]))[0], "not_found")
          const bad = [[], ["@all", bob.user], [bob.user, bob.user], ["@system"], "bob", [1], {}, Array(51).fill("x")]
          for (const mentions of [...bad, Array.from({ length: 51 }, (_, i) => `u${i}`)]) {
            assert.strictEqual((yield* refused(alice, group, mentions))[0], "invalid_frame", JSON.stringify(mentions))
          }
          yield* alice.ask({ type: "chat_message", ...group, text: "all", mentions: ["@all"] })
          const heard = yield* bob.waitFor("incoming_message")
          assert.deepStrictEqual(heard.mentions, ["@all"])
          const mine = (yield* items(alice)).find(({ conversation }) => conversation === made.conversation)
          const his = (yield* items(bob)).find(({ conversation }) => conversation === made.conversation)
          assert.deepStrictEqual([mine!.mentions, his!.mentions], [undefined, 1])
        }).pipe(Effect.scoped))

      it.effect("P8 a block keeps both from whoever holds it, also when it is over", () =>
        Effect.gen(function*() {
          const [alice, bob] = yield* people("alice", "bob")
          const say = alice.ask(
            { type: "chat_message", recipient: bob.user, text: "x", data, mentions: [bob.user] },
            "message_accepted"
          )
          yield* bob.ask({ type: "block", user: alice.user })
          const { conversation } = yield* say
          const [entry] = (yield* bob.ask({ type: "history", conversation, after: 0 }, "history_page")).messages
          assert.hasAllKeys(entry, ["kind", "seq", "message_id", "sender", "at", "deleted", "hidden"])
          assert.notProperty((yield* items(bob))[0]!, "mentions")
          yield* bob.ask({ type: "unblock", user: alice.user })
          assert.notProperty((yield* items(bob))[0]!, "mentions")
          yield* say
          assert.strictEqual((yield* items(bob))[0]!.mentions, 1)
        }).pipe(Effect.scoped))

      it.effect("the operator deletes both, and an erasure takes them", () =>
        Effect.gen(function*() {
          const [alice, bob] = yield* people("alice", "bob")
          const say = alice.ask(
            { type: "chat_message", recipient: bob.user, text: "x", data, mentions: [bob.user] },
            "message_accepted"
          )
          const { conversation } = yield* say
          yield* say
          yield* (yield* MessageAdmin).remove(conversation, 1)
          assert.strictEqual((yield* items(bob))[0]!.mentions, 1)
          yield* (yield* Users).erase(UserId.make(alice.user))
          const { messages } = yield* bob.ask({ type: "history", conversation, after: 0 }, "history_page")
          for (const entry of messages.filter(({ kind }) => kind === "text")) {
            assert.notProperty(entry, "data")
            assert.notProperty(entry, "mentions")
          }
          assert.notProperty((yield* items(bob))[0]!, "mentions")
        }).pipe(Effect.scoped))
    })
  }
})
