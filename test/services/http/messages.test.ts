/** What the admin API says, reads and takes back. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { access, adminAt, pathOf } from "../../support/adminApi.ts"
import { connect } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const alice = (port: number) => connect({ port, user: "alice", level: "v1" })
const bob = (port: number) => connect({ port, user: "bob", level: "v1" })

describe("messages of the admin API", () => {
  served("P1 P3 says something in anybody's name, once", function*(port) {
    const admin = adminAt(port)
    const there = yield* bob(port)
    const said = { sender: "a.bot+news@example.com", recipient: "bob", text: "hi", id: "n-1" }
    const first = yield* admin.post("/messages", said)
    assert.strictEqual(first.status, 200)
    const { at, message_id, ...place } = first.body
    assert.deepStrictEqual(place, { id: "n-1", conversation: "dm:a.bot+news@example.com:bob", seq: 1 })
    const heard = yield* there.expect("incoming_message")
    assert.deepStrictEqual([heard.sender, heard.text, heard.message_id, heard.at], [said.sender, "hi", message_id, at])
    assert.deepStrictEqual((yield* admin.post("/messages", said)).body, { ...first.body, duplicate: true })
    const other = yield* admin.post("/messages", { ...said, text: "ho" })
    assert.deepStrictEqual([other.status, other.body.code, other.type], [
      409,
      "id_conflict",
      "application/problem+json"
    ])
    // By the conversation's own name, as an answer to it.
    const again = yield* admin.post("/messages", {
      sender: "bob",
      conversation: first.body.conversation,
      text: "yes?",
      reply_to: 1
    })
    assert.deepStrictEqual([again.status, again.body.seq], [200, 2])
    assert.strictEqual((yield* there.expect("incoming_message")).reply_to, 1)
    assert.strictEqual((yield* admin.post("/messages", { ...said, id: "n-2", reply_to: 7 })).status, 404)
    assert.strictEqual(
      (yield* admin.post("/messages", { sender: "carol", conversation: place.conversation, text: "x" }))
        .status,
      404
    )
  }, { access })

  served("P3 P9 says mentions and data, and takes of data what a frame would", function*(port) {
    const admin = adminAt(port)
    const there = yield* bob(port)
    const data = { z: 1, card: { buttons: [{ id: "a" }] }, a: null }
    const said = { sender: "shop", recipient: "bob", text: "", id: "d-1", data, mentions: ["bob"] }
    const first = yield* admin.post("/messages", said)
    assert.strictEqual(first.status, 200)
    const heard = yield* there.expect("incoming_message")
    assert.strictEqual(JSON.stringify([heard.data, heard.mentions]), JSON.stringify([data, ["bob"]]))
    assert.strictEqual((yield* admin.post("/messages", said)).body.duplicate, true)
    assert.strictEqual((yield* admin.post("/messages", { ...said, data: {} })).status, 409)
    const fresh = { ...said, id: "d-2" }
    const outsider = yield* admin.post("/messages", { ...fresh, mentions: ["eve"] })
    assert.deepStrictEqual([outsider.status, outsider.body.code], [400, "invalid_target"])
    const deep = `${"{\"a\":".repeat(10_000)}1${"}".repeat(10_000)}`
    for (const bad of ["[]", "1", "{\"a\":\"\\u0000\"}", "{\"a\":1e400}", deep, `{"a":"${"x".repeat(5_000)}"}`]) {
      const body = JSON.stringify({ ...fresh, data: "DATA" }).replace("\"DATA\"", bad)
      const refused = yield* admin.post("/messages", body)
      assert.strictEqual(refused.status, 400, bad.slice(0, 40))
    }
    assert.strictEqual((yield* admin.post("/messages", fresh)).status, 200)
  }, { access })

  served("P8 in a group only a member is spoken for", function*(port) {
    const admin = adminAt(port)
    const owner = yield* alice(port)
    const { group, conversation } = yield* owner.ask(
      { type: "create_group", name: "tea", members: ["bob"] },
      "group_info"
    )
    const say = (sender: string, to: object) => admin.post("/messages", { sender, text: "hi", ...to })
    assert.strictEqual((yield* say("bob", { group })).body.conversation, conversation)
    assert.strictEqual((yield* say("alice", { conversation })).status, 200)
    const stranger = yield* say("mallory", { group })
    assert.deepStrictEqual([stranger.status, stranger.body.code], [403, "not_a_member"])
    yield* owner.ask({ type: "remove_members", group, members: ["bob"] })
    const former = yield* say("bob", { group })
    assert.deepStrictEqual([former.status, former.body.code], [403, "not_a_member"])
    assert.strictEqual((yield* say("alice", { group: "nowhere" })).status, 404)
    assert.strictEqual((yield* say("alice", { group, reply_to: 99 })).status, 404)
    assert.strictEqual((yield* say("@system", { group })).status, 400)
  }, { access })

  served("who blocked the sender does not see it, whoever says it", function*(port) {
    const admin = adminAt(port)
    const there = yield* bob(port)
    yield* there.ask({ type: "block", user: "mallory" })
    const { body: { conversation }, status } = yield* admin.post("/messages", {
      sender: "mallory",
      recipient: "bob",
      text: "hi"
    })
    assert.strictEqual(status, 200)
    yield* there.ask({ type: "ping" })
    assert.deepStrictEqual(there.texts, [])
    // Nothing is withheld from the operator.
    assert.strictEqual((yield* admin.get(pathOf(conversation))).body.messages[0].text, "hi")
  }, { access })

  served("reads a conversation in pages, whoever may see it", function*(port) {
    const admin = adminAt(port)
    const there = yield* alice(port)
    for (let i = 1; i <= 5; i++) yield* there.ask({ type: "chat_message", recipient: "bob", text: `${i}` })
    const path = pathOf("dm:alice:bob")
    const page = (query: string) =>
      Effect.map(admin.get(`${path}${query}`), ({ body: { first_seq, has_more, head_seq, messages }, status }) => ({
        status,
        seqs: messages.map(({ seq }: { seq: number }) => seq),
        first_seq,
        has_more,
        head_seq
      }))
    const log = { status: 200, first_seq: 1, head_seq: 5 }
    assert.deepStrictEqual(yield* page(""), { ...log, seqs: [1, 2, 3, 4, 5], has_more: false })
    assert.deepStrictEqual(yield* page("?limit=2"), { ...log, seqs: [4, 5], has_more: true })
    assert.deepStrictEqual(yield* page("?before=3&limit=1"), { ...log, seqs: [2], has_more: true })
    assert.deepStrictEqual(yield* page("?after=0&limit=2"), { ...log, seqs: [1, 2], has_more: true })
    assert.deepStrictEqual(yield* page("?after=5"), { ...log, seqs: [], has_more: false })
    assert.strictEqual((yield* admin.get(pathOf("dm:alice:carol"))).status, 404)
    assert.strictEqual((yield* admin.get(pathOf("group:constructor"))).status, 404)
    for (
      const query of [
        "?limit=0",
        "?limit=101",
        "?limit=1e1",
        "?limit=",
        "?before=0",
        "?before=-1",
        "?after=1e3",
        "?after=99999999999999999999",
        "?before=2&after=1",
        "?before=1&before=2"
      ]
    ) {
      const { body, status, type } = yield* admin.get(`${path}${query}`)
      assert.deepStrictEqual([status, type, typeof body.detail], [400, "application/problem+json", "string"], query)
    }
  }, { access })

  served("a conversation whose name is as long and as odd as can be", function*(port) {
    const admin = adminAt(port)
    const [one, two] = [`a${"@".repeat(63)}`, `b${"+".repeat(63)}`]
    const { body, status } = yield* admin.post("/messages", { sender: one, recipient: two, text: "hi" })
    assert.strictEqual(status, 200)
    assert.strictEqual((yield* admin.get(pathOf(body.conversation))).body.head_seq, 1)
    assert.strictEqual((yield* admin.delete(`${pathOf(body.conversation)}/1`)).status, 204)
  }, { access })

  served("a page of long texts is bounded in bytes, and says that there is more", function*(port) {
    const admin = adminAt(port)
    for (let i = 0; i < 20; i++) {
      yield* admin.post("/messages", { sender: "alice", recipient: "bob", text: "\u{1}a".repeat(8_000) })
    }
    const { body } = yield* admin.get(`${pathOf("dm:alice:bob")}?after=0&limit=100`)
    assert.isBelow(body.messages.length, 20)
    assert.strictEqual(body.messages[0].seq, 1)
    assert.isTrue(body.has_more)
  }, { access })

  served("P8 deletes anybody's text, as @system", function*(port) {
    const admin = adminAt(port)
    const [one, two] = [yield* alice(port), yield* bob(port)]
    yield* one.ask({ type: "chat_message", recipient: "bob", text: "spam" })
    yield* one.ask({ type: "edit_message", recipient: "bob", seq: 1, text: "more spam" })
    const path = pathOf("dm:alice:bob")
    assert.strictEqual((yield* admin.delete(`${path}/1`, { reason: "spam" })).status, 204)
    for (const each of [one, two]) {
      const { sender, seq, target } = yield* each.waitFor("message_deleted")
      assert.deepStrictEqual([sender, seq, target], ["@system", 3, 1])
    }
    // Once.
    assert.strictEqual((yield* admin.delete(`${path}/1`)).status, 204)
    const { messages } = (yield* admin.get(path)).body
    assert.deepStrictEqual(
      messages.map(({ kind, sender, text }: any) => [kind, sender, text]),
      [["text", "alice", undefined], ["edit", "alice", undefined], ["delete", "@system", undefined]]
    )
    // To those it is gone as if they had done it themselves.
    const page = yield* two.ask({ type: "history", recipient: "alice", after: 0 }, "history_page")
    assert.deepStrictEqual(page.messages, messages)
    for (const seq of ["2", "3", "4"]) assert.strictEqual((yield* admin.delete(`${path}/${seq}`)).status, 404, seq)
    assert.strictEqual((yield* admin.delete(`${pathOf("dm:a:b")}/1`)).status, 404)
    assert.strictEqual((yield* admin.delete(`${pathOf("@system")}/1`)).status, 404)
    for (const seq of ["0", "-1", "1e3", "1.5", "x", "9007199254740993", "99999999999999999999"]) {
      assert.strictEqual((yield* admin.delete(`${path}/${seq}`)).status, 400, seq)
    }
    for (const body of [{ reason: 7 }, { reason: "x".repeat(201) }, { reason: "\0" }, [], "nonsense"]) {
      assert.strictEqual((yield* admin.delete(`${path}/1`, body)).status, 400, JSON.stringify(body))
    }
  }, { access })

  served("P8 a text of a group, also one that is deleted, and of a conversation with oneself", function*(port) {
    const admin = adminAt(port)
    const owner = yield* alice(port)
    const { group } = yield* owner.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
    for (const text of ["one", "two"]) yield* owner.ask({ type: "chat_message", group, text })
    const path = pathOf(`group:${group}`)
    assert.strictEqual((yield* admin.delete(`${path}/1`)).status, 404)
    assert.strictEqual((yield* admin.delete(`${path}/2`)).status, 204)
    assert.strictEqual((yield* owner.waitFor("message_deleted")).sender, "@system")
    assert.strictEqual((yield* admin.delete(`/groups/${group}`)).status, 204)
    assert.strictEqual((yield* admin.delete(`${path}/3`)).status, 204)
    const { messages } = (yield* admin.get(path)).body
    assert.deepStrictEqual(messages.map(({ kind }: any) => kind), [
      "group",
      "text",
      "text",
      "delete",
      "group",
      "delete"
    ])
    yield* owner.ask({ type: "chat_message", recipient: "alice", text: "note" })
    assert.strictEqual((yield* admin.delete(`${pathOf("dm:alice:alice")}/1`)).status, 204)
    const deleted = yield* owner.waitFor("message_deleted", ({ conversation }) => conversation === "dm:alice:alice")
    assert.strictEqual(deleted.sender, "@system")
    yield* owner.ask({ type: "ping" })
    assert.lengthOf(owner.all("message_deleted"), 2)
  }, { access })

  served("P9 whatever else is sent is refused with a sentence", function*(port) {
    const admin = adminAt(port)
    const good = { sender: "alice", recipient: "bob", text: "hi" }
    const bad: ReadonlyArray<readonly [object | string, number]> = [
      ["", 400],
      ["{", 400],
      ["null", 400],
      ["[]", 400],
      [{}, 400],
      [{ ...good, sender: "@system" }, 400],
      [{ ...good, sender: 7 }, 400],
      [{ ...good, sender: "a".repeat(129) }, 400],
      [{ ...good, recipient: "@system" }, 400],
      [{ ...good, recipient: ["bob"] }, 400],
      [{ ...good, recipient: null }, 400],
      [{ ...good, group: "tea" }, 400],
      [{ sender: "alice", text: "hi" }, 400],
      [{ ...good, text: "" }, 400],
      [{ ...good, text: " \u200b" }, 400],
      [{ ...good, text: "a\0b" }, 400],
      [{ ...good, text: "\ud800" }, 400],
      [{ ...good, text: "x".repeat(16_385) }, 400],
      [{ ...good, text: "x".repeat(70_000) }, 413],
      [{ ...good, id: "" }, 400],
      [{ ...good, id: "x".repeat(65) }, 400],
      [{ ...good, reply_to: 0 }, 400],
      [{ ...good, reply_to: "1" }, 400],
      [{ ...good, reply_to: 1.5 }, 400],
      [{ sender: "alice", conversation: "a b", text: "hi" }, 400],
      [{ sender: "alice", conversation: "dm:@system:alice", text: "hi" }, 404],
      [{ sender: "alice", conversation: "group:a b", text: "hi" }, 400]
    ]
    for (const [body, status] of bad) {
      const answer = yield* admin.post("/messages", body)
      const said = JSON.stringify(body).slice(0, 100)
      assert.strictEqual(answer.status, status, said)
      assert.deepStrictEqual([answer.type, typeof answer.body.detail], ["application/problem+json", "string"], said)
    }
    assert.strictEqual((yield* admin.post("/messages", { ...good, more: true })).body.seq, 1)
  }, { access })
})
