/** The admin API about people, on real sockets: as scripts call it, and through the typed client. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { ApiError } from "../../../src/services/api/ApiError.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { text } from "../../../src/testing/contract/commands.ts"
import { access, admin, adminClient, adminToken } from "../../support/adminApi.ts"
import { hostile } from "../../support/HostileClient.ts"
import { Moody } from "../../support/moodyStore.ts"
import { memoryWith, sqlite, stores } from "../../support/stores.ts"
import { connect, roundTrip } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

const says = Effect.fnUntraced(function*(port: number, sender: string, recipient: string, text: string) {
  const client = yield* connect({ port, user: sender, level: "v1" })
  client.send({ type: "chat_message", id: text, recipient, text })
  yield* client.waitFor("message_accepted")
  return client
})

const idsOf = (body: { readonly users: ReadonlyArray<{ readonly user: string }> }) => body.users.map(({ user }) => user)

const problemOf = (
  { body, headers, status }: { readonly body: any; readonly headers: Headers; readonly status: number }
) => {
  assert.strictEqual(headers.get("content-type"), "application/problem+json")
  assert.strictEqual(body.status, status)
  return [status, body.code] as const
}

for (const [name, store] of stores("admin_users")) {
  const story = (title: string, body: Parameters<typeof served>[1]) => served(title, body, { access, store })

  describe(`the admin API about people: ${name}`, () => {
    story("lists those who are known and those who are here, page by page, by id", function*(port) {
      yield* says(port, "carol", "bob+1@example.org", "hello")
      const dave = yield* connect({ port, user: "dave", level: "v1" })
      const twice = yield* connect({ port, user: "dave", level: "v1" })
      yield* Effect.all([roundTrip(dave), roundTrip(twice)])
      yield* admin(port, "PUT", "/users/constructor/profile", { name: "C" })
      yield* admin(port, "PUT", "/bans/alice", {})
      const all = ["alice", "bob+1@example.org", "carol", "constructor", "dave"]
      const { body } = yield* admin(port, "GET", "/users")
      assert.deepStrictEqual([idsOf(body), body.has_more], [all, false])
      assert.deepStrictEqual(body.users[3], { user: "constructor", name: "C", online: false, connections: 0 })
      assert.deepStrictEqual(body.users[4], { user: "dave", online: true, connections: 2 })

      for (const limit of [1, 2, 3, 5]) {
        const found: Array<string> = []
        let after = ""
        while (true) {
          const page = (yield* admin(port, "GET", `/users?limit=${limit}${after}`)).body
          found.push(...idsOf(page))
          assert.isAtMost(page.users.length, limit)
          if (!page.has_more) break
          after = `&after=${encodeURIComponent(found.at(-1)!)}`
        }
        assert.deepStrictEqual(found, all, `limit ${limit}`)
      }
      const online = (yield* admin(port, "GET", "/users?online=true")).body
      const offline = (yield* admin(port, "GET", "/users?online=false&limit=2")).body
      assert.deepStrictEqual([idsOf(online), online.has_more], [["carol", "dave"], false])
      assert.deepStrictEqual([idsOf(offline), offline.has_more], [["alice", "bob+1@example.org"], true])
      const rest = (yield* admin(port, "GET", "/users?online=false&limit=2&after=bob%2B1%40example.org")).body
      assert.deepStrictEqual([idsOf(rest), rest.has_more], [["constructor"], false])
    })

    story("tells of one user what there is, and of nobody nothing", function*(port) {
      const carol = yield* says(port, "carol", "bob", "hello")
      carol.send({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
      yield* carol.waitFor("group_info")
      yield* admin(port, "PUT", "/users/carol/profile", { name: "Carol ☕", avatar: "file-1" })
      const until = 32_503_680_000_000
      yield* admin(port, "PUT", "/bans/bob", { until, reason: "spam" })
      assert.deepStrictEqual((yield* admin(port, "GET", "/users/carol")).body, {
        user: "carol",
        name: "Carol ☕",
        avatar: "file-1",
        source: "admin",
        online: true,
        connections: 1,
        conversations: 2,
        groups: 1
      })
      const { at, ...ban } = (yield* admin(port, "GET", "/users/bob")).body.ban
      assert.deepStrictEqual(ban, { until, reason: "spam" })
      assert.isNumber(at)
      const client = yield* adminClient(port)
      const bob = yield* client.users.getUser({ params: { user: UserId.make("bob") } })
      assert.deepStrictEqual([bob.conversations, bob.ban?.reason, bob.online], [2, "spam", false])
      for (const path of ["/users/nobody", "/users/constructor", "/users/__proto__x", "/users/nobody/export"]) {
        if (path === "/users/__proto__x") continue
        assert.deepStrictEqual(problemOf(yield* admin(port, "GET", path)), [404, "not_found"], path)
      }
      const refusal = yield* Effect.flip(client.users.getUser({ params: { user: UserId.make("a+b@c") } }))
      assert.instanceOf(refusal, ApiError)
      assert.match(refusal.message, /a\+b@c/)
    })

    story("says when somebody was here last, once they are gone", function*(port) {
      const carol = yield* connect({ port, user: "carol", level: "v1" })
      yield* roundTrip(carol)
      assert.notProperty((yield* admin(port, "GET", "/users/carol")).body, "last_seen")
      // Who has said nothing and is gone is known a moment later, by when they were here.
      const dora = yield* says(port, "dora", "bob", "hello")
      dora.close()
      yield* dora.closed
      yield* until(Effect.map(admin(port, "GET", "/users/dora"), ({ body }) => body.online === false))
      assert.deepStrictEqual((yield* admin(port, "GET", "/users/dora")).body.connections, 0)
    })

    story("sets a profile, replaces it as a whole, and takes no name that fools others", function*(port) {
      const put = (body: unknown) => admin(port, "PUT", "/users/bob/profile", body)
      const first = yield* put({ name: "Bob", avatar: "a" })
      assert.deepStrictEqual([first.status, first.body.name, first.body.avatar], [200, "Bob", "a"])
      assert.isAbove(first.body.updated_at, 0)
      const second = yield* put({ name: "👩‍🚀 名前" })
      assert.deepStrictEqual(Object.keys(second.body).sort(), ["name", "updated_at", "user"])
      assert.notProperty((yield* admin(port, "GET", "/users/bob")).body, "avatar")
      assert.strictEqual((yield* put({ name: "x".repeat(64), avatar: "y".repeat(256) })).status, 200)
      const wrong: ReadonlyArray<readonly [unknown, RegExp]> = [
        [{ name: "" }, /^`name` in the body should be 1 to 64 characters\.$/],
        [{ name: "x".repeat(65) }, /`name`/],
        [{ name: " \u200b" }, /`name` in the body should be text that is not blank/],
        [{ name: "two\nlines" }, /`name` in the body should be one line/],
        [{ name: "a\u202eb" }, /`name`/],
        [{ name: "a\0b" }, /`name`/],
        [{ name: "\ud800" }, /`name`/],
        [{ name: 5 }, /^`name` in the body should be a string\.$/],
        [{ avatar: "y".repeat(257) }, /`avatar`/],
        [{ avatar: "" }, /`avatar`/],
        [{ avatar: "a b" }, /`avatar`/],
        [[], /^The body should be an object\.$/],
        ["{", /^The body is not JSON\.$/]
      ]
      for (const [body, detail] of wrong) {
        const answer = yield* put(body)
        assert.deepStrictEqual(problemOf(answer), [400, "invalid_request"], JSON.stringify(body))
        assert.match(answer.body.detail, detail)
      }
      assert.strictEqual((yield* admin(port, "GET", "/users/bob")).body.name, "x".repeat(64))
    })

    story("lists the conversations of a user as the user is told them", function*(port) {
      const carol = yield* says(port, "carol", "bob", "one")
      yield* says(port, "dave", "bob", "two")
      yield* says(port, "erin", "bob", "three")
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const asked = Effect.fnUntraced(function*(frame: object) {
        bob.send({ type: "conversations", id: "list", ...frame })
        const { id: _, type: __, ...list } = yield* bob.waitFor("conversation_list")
        return list
      })
      const got = (query: string) =>
        Effect.map(admin(port, "GET", `/users/bob/conversations${query}`), ({ body }) => body)
      assert.deepStrictEqual(yield* got(""), yield* asked({}))
      assert.deepStrictEqual(yield* got("?limit=2"), yield* asked({ limit: 2 }))
      const recent = yield* got("?order=recent&limit=2")
      assert.deepStrictEqual(recent, yield* asked({ order: "recent", limit: 2 }))
      assert.strictEqual(recent.conversations[0].last_message.text, "three")
      const more = yield* got(`?order=recent&limit=2&cursor=${encodeURIComponent(recent.cursor)}`)
      assert.deepStrictEqual(more.conversations.map(({ peer }: { readonly peer: string }) => peer), ["carol"])
      bob.send({ type: "block", id: "b", user: "erin" })
      yield* bob.waitFor("blocked_users")
      assert.deepStrictEqual(yield* got("?order=recent"), yield* asked({ order: "recent" }))
      const client = yield* adminClient(port)
      const page = yield* client.users.listUserConversations({ params: { user: UserId.make("carol") }, query: {} })
      assert.deepStrictEqual(page.conversations.map(({ peer }) => peer), [UserId.make("bob")])
      assert.deepStrictEqual(problemOf(yield* admin(port, "GET", "/users/nobody/conversations")), [404, "not_found"])
      const both = yield* admin(port, "GET", "/users/bob/conversations?order=recent&after=x")
      assert.deepStrictEqual(problemOf(both), [400, "invalid_request"])
      assert.match(both.body.detail, /^The query should have after without an order, or a cursor with one\.$/)
      carol.close()
    })

    story("exports line by line what the command exports", function*(port) {
      yield* says(port, "carol", "bob", "to bob")
      yield* says(port, "bob", "carol", "to carol\nin two lines")
      yield* admin(port, "PUT", "/users/bob/profile", { name: "Bob" })
      const { headers, status, text } = yield* admin(port, "GET", "/users/bob/export")
      assert.deepStrictEqual([status, headers.get("content-type")], [200, "application/x-ndjson"])
      const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line))
      assert.deepStrictEqual(lines.map(({ type }) => type), ["user", "conversation", "entry", "entry"])
      assert.deepStrictEqual([lines[0].user, lines[0].profile.name, lines[1].peer], ["bob", "Bob", "carol"])
      assert.deepStrictEqual([lines[2].text, lines[3].text], ["to bob", "to carol\nin two lines"])
      assert.strictEqual(lines[2].conversation, lines[1].conversation)
      const client = yield* adminClient(port)
      const stream = yield* client.users.exportUser({ params: { user: UserId.make("bob") } })
      assert.deepStrictEqual<unknown>(Array.from(yield* Stream.runCollect(stream)), lines)
    })

    story("erases a user, who is let go of by then, with the profile; a ban stays", function*(port) {
      const carol = yield* says(port, "carol", "bob", "secret")
      yield* admin(port, "PUT", "/users/carol/profile", { name: "Carol" })
      // Of whom nothing is stored yet.
      const dora = yield* connect({ port, user: "dora", level: "v1" })
      yield* roundTrip(dora)
      const both = yield* Effect.all([
        admin(port, "DELETE", "/users/carol"),
        admin(port, "DELETE", "/users/carol"),
        admin(port, "DELETE", "/users/dora")
      ], { concurrency: "unbounded" })
      assert.deepStrictEqual(both.map(({ status, text }) => [status, text]), [[204, ""], [204, ""], [204, ""]])
      assert.deepStrictEqual([yield* carol.closed, yield* dora.closed], [4503, 4503])
      for (const user of ["carol", "dora"]) {
        assert.strictEqual((yield* admin(port, "GET", `/users/${user}`)).status, 404, user)
        assert.deepStrictEqual(problemOf(yield* admin(port, "DELETE", `/users/${user}`)), [404, "not_found"])
      }
      const { text } = yield* admin(port, "GET", "/users/bob/export")
      assert.notInclude(text, "secret")
      yield* admin(port, "PUT", "/bans/erin", { reason: "spam" })
      assert.strictEqual((yield* admin(port, "DELETE", "/users/erin")).status, 404)
      assert.strictEqual((yield* admin(port, "GET", "/users/erin")).body.ban.reason, "spam")
    })
  })
}

describe("the admin API about people, with much to give out", () => {
  served(
    "an export of very much leaves everybody else their turn, and ends with whoever asked for it",
    function*(port) {
      const store = yield* MessageStore
      const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
      const said = 20_000
      for (let from = 0; from < said; from += 1_000) {
        const texts = Array.from(
          { length: 1_000 },
          (_, i) => text(alice, Conversation.direct(alice, bob), `${from + i}`)
        )
        yield* store.commit(texts, [])
      }
      const order: Array<string> = []
      const exported = yield* Effect.forkChild(
        Effect.tap(admin(port, "GET", "/users/bob/export"), () => Effect.sync(() => order.push("exported")))
      )
      for (let i = 0; i < 3; i++) {
        yield* admin(port, "GET", "/bans")
        order.push("asked")
      }
      const lines = (yield* Fiber.join(exported)).text.trimEnd().split("\n")
      assert.deepStrictEqual(order, ["asked", "asked", "asked", "exported"])
      assert.strictEqual(lines.length, said + 2)
      assert.strictEqual(JSON.parse(lines.at(-1)!).text, `${said - 1}`)
      // Half of it is enough for them.
      const left = yield* hostile(port)
      left.write(`GET /v1/admin/users/bob/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`)
      assert.strictEqual(yield* left.status, 200)
      left.socket.destroy()
      assert.strictEqual((yield* admin(port, "GET", "/users/bob")).status, 200)
    },
    { access, store: sqlite }
  )
})

describe("the admin API about people, over a store of an app's own", () => {
  const moody = new Moody()

  served("one that fails is a 503, which says when to ask again", function*(port) {
    yield* says(port, "carol", "bob", "hello")
    moody.mood = "failing"
    for (
      const [method, path] of [["GET", "/users/bob/export"], ["DELETE", "/users/bob"], ["PUT", "/bans/bob"]] as const
    ) {
      const answer = yield* admin(port, method, path)
      assert.deepStrictEqual(problemOf(answer), [503, "unavailable"], path)
      assert.strictEqual(answer.headers.get("retry-after"), "1")
    }
    moody.mood = "well"
    assert.strictEqual((yield* admin(port, "GET", "/users/bob/export")).status, 200)
  }, { access, store: moody.layer })

  served("an erasure goes on when whoever asked for it does not wait", function*(port) {
    yield* says(port, "carol", "bob", "hello")
    const impatient = yield* hostile(port)
    impatient.write(`DELETE /v1/admin/users/bob HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`)
    const store = yield* MessageStore
    const last = Effect.map(store.erasures(undefined), ([erasure]) => erasure?.id ?? 0)
    yield* until(Effect.map(last, (id) => id > 0))
    impatient.socket.destroy()
    // What a connection may have left behind is taken two seconds later.
    const first = yield* last
    yield* until(Effect.map(last, (id) => id > first))
  }, { access, store: MemoryMessageStore.layer() })

  served("without a Directory it says so, and does what it can", function*(port) {
    yield* says(port, "carol", "bob", "hello")
    for (
      const [method, path, body] of [["GET", "/users"], ["GET", "/users/bob"], [
        "PUT",
        "/users/bob/profile",
        {}
      ]] as const
    ) {
      assert.deepStrictEqual(problemOf(yield* admin(port, method, path, body)), [503, "not_supported"], path)
    }
    assert.strictEqual((yield* admin(port, "GET", "/users/bob/conversations")).body.conversations.length, 1)
    assert.strictEqual((yield* admin(port, "GET", "/users/bob/export")).status, 200)
    const { body } = yield* admin(port, "GET", "/stats")
    assert.deepStrictEqual([body.connections, body.accepted, "store" in body], [1, 1, false])
  }, { access, store: memoryWith(() => ({})) })
})
