/** P8: a name is only a name. Whatever an identity provider calls people, they are somebody else than everybody else. */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { access, adminAt, pathOf } from "../support/adminApi.ts"
import { stores } from "../support/stores.ts"
import { strangeNames } from "../support/strangeNames.ts"
import { connect } from "../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../support/TestServer.ts"

const inPath = encodeURIComponent

describe("people with strange names", () => {
  for (const [name, store] of stores("names")) {
    const server = testServer({
      access,
      store: Layer.orDie(store),
      settings: { ...unlimitedFrames, maxConnectionsPerSecond: 0 }
    })
    layer(server, { excludeTestServices: true })(name, (it) => {
      it.effect("talk to each other, come back, and find what was said", () =>
        Effect.gen(function*() {
          const { port } = yield* TestServer
          for (const [i, me] of strangeNames.entries()) {
            const other = strangeNames[(i + 1) % strangeNames.length]!
            const [a, b] = [
              yield* connect({ port, user: me, level: "v1", device: "phone" }),
              yield* connect({ port, user: other, level: "v1" })
            ]
            const { conversation, seq } = yield* a.ask({
              type: "chat_message",
              id: "1",
              recipient: other,
              text: `word${i}`
            }, "message_accepted")
            const came = yield* b.waitFor("incoming_message", ({ text }) => text === `word${i}`)
            assert.deepStrictEqual([came.sender as string, came.conversation], [me, conversation])
            b.send({ type: "read", conversation, up_to: seq })
            assert.strictEqual((yield* a.waitFor("receipt", ({ read }) => read !== undefined)).user as string, other)
            const asked = yield* b.ask({ type: "history", conversation, after: 0 }, "history_page")
            assert.deepStrictEqual(asked.messages.length, 1)
            const found = yield* b.ask({ type: "search", query: `word${i}`, recipient: me }, "search_result")
            assert.deepStrictEqual(found.hits.map((hit) => hit.conversation), [conversation])
            const { conversations } = yield* b.ask({ type: "conversations", order: "recent" }, "conversation_list")
            assert.include(conversations.map((each) => each.conversation), conversation)
            const self = yield* a.ask({ type: "chat_message", recipient: me, text: "note" }, "message_accepted")
            assert.notStrictEqual(self.conversation, conversation)
          }
          const all = yield* connect({ port, user: "group-owner", level: "v1" })
          const { group, members } = yield* all.ask(
            { type: "create_group", name: "Strangers", members: strangeNames },
            "group_info"
          )
          assert.sameMembers(members.map(({ user }) => user as string), [...strangeNames, "group-owner"])
          yield* all.ask({ type: "chat_message", group, text: "hello all" }, "message_accepted")
          for (const user of strangeNames) {
            const one = yield* connect({ port, user, level: "v1" })
            const { conversations } = yield* one.ask({ type: "conversations", limit: 1 }, "conversation_list")
            const rest = yield* one.ask(
              { type: "conversations", order: "recent", limit: 2 },
              "conversation_list"
            )
            const next = yield* one.ask(
              { type: "conversations", order: "recent", cursor: rest.cursor },
              "conversation_list"
            )
            assert.deepStrictEqual([conversations.length, rest.conversations.length], [1, 2])
            assert.isAtLeast(next.conversations.length, 1)
          }
        }), 120_000)

      it.effect("are looked up, named, banned, exported and erased by the admin API", () =>
        Effect.gen(function*() {
          const { port } = yield* TestServer
          const admin = adminAt(port)
          const bob = yield* connect({ port, user: "bob", level: "v1" })
          for (const user of strangeNames) {
            const at = inPath(user)
            const said = yield* admin.post("/messages", { sender: user, recipient: "bob", text: "hi" })
            assert.strictEqual(said.status, 200, said.text)
            yield* bob.waitFor("incoming_message", ({ sender }) => sender === user)
            const { conversation } = said.body
            assert.strictEqual((yield* admin.get(pathOf(conversation))).body.messages.length, 1)
            assert.strictEqual((yield* admin.put(`/users/${at}/profile`, { name: "Odd" })).body.user, user)
            assert.strictEqual((yield* admin.get(`/users/${at}`)).body.name, "Odd")
            const mine = yield* admin.get(`/users/${at}/conversations`)
            assert.include(mine.body.conversations.map((each: any) => each.conversation), conversation)
            assert.strictEqual((yield* admin.put(`/bans/${at}`, {})).status, 200)
            assert.include((yield* admin.get(`/users/${at}/export`)).text, JSON.stringify(user))
          }
          const banned: Array<string> = []
          for (let after = "", more = true; more;) {
            const { body } = yield* admin.get(`/bans?limit=1${after}`)
            const last: string | undefined = body.bans.at(-1)?.user
            if (last !== undefined) banned.push(last)
            after = `&after=${inPath(/^(?:user|token):/.test(last ?? "") ? `user:${last}` : last ?? "")}`
            more = body.has_more
          }
          assert.deepStrictEqual(banned, Array.from(strangeNames).sort())
          // An erasure takes a while, and these are the longest and the strangest.
          for (const user of [strangeNames[1]!, strangeNames.at(-3)!, strangeNames.at(-2)!]) {
            assert.strictEqual((yield* admin.delete(`/bans/${inPath(user)}`)).status, 204, user)
            assert.strictEqual((yield* admin.delete(`/users/${inPath(user)}`)).status, 204, user)
            assert.strictEqual((yield* admin.get(`/users/${inPath(user)}`)).status, 404, user)
          }
        }), 120_000)
    })
  }
})
