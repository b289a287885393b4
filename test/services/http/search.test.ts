/** What the admin API finds: everything, or what one user would find, and what it refuses. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { access, adminAt } from "../../support/adminApi.ts"
import { memoryWith } from "../../support/stores.ts"
import { connect, type TestClient } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const say = (from: TestClient, recipient: string, text: string) =>
  from.ask({ type: "chat_message", recipient, text }, "message_accepted")

const searchAt = (port: number) => (query: Readonly<Record<string, string | number>>) =>
  adminAt(port).get(
    `/search?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString()}`
  )

const textsOf = ({ body }: { readonly body: any }) => body.hits.map(({ text }: any) => text)

describe("GET /v1/admin/search", () => {
  served("finds everything that is kept; with a user what they would find, blocks and all", function*(port) {
    const search = searchAt(port)
    const [alice, bob, eve] = [
      yield* connect({ port, user: "alice", level: "v1" }),
      yield* connect({ port, user: "bob", level: "v1" }),
      yield* connect({ port, user: "eve", level: "v1" })
    ]
    yield* say(alice, "bob", "green tea at https://example.com")
    yield* say(eve, "bob", "tea before")
    yield* bob.ask({ type: "block", user: "eve" }, "blocked_users")
    yield* say(eve, "bob", "tea within")
    const all = yield* search({ query: "TEA" })
    assert.deepStrictEqual([all.status, textsOf(all)], [200, [
      "tea within",
      "tea before",
      "green tea at https://example.com"
    ]])
    const [{ conversation, ranges, sender, seq }] = all.body.hits
    assert.deepStrictEqual([conversation, ranges, sender, seq], ["dm:bob:eve", [[0, 3]], "eve", 2])
    const found = (query: Readonly<Record<string, string | number>>) => Effect.map(search(query), textsOf)
    assert.deepStrictEqual(yield* found({ query: "tea", user: "bob", sender: "eve" }), ["tea before"])
    assert.deepStrictEqual(yield* found({ query: "tea", user: "alice" }), ["green tea at https://example.com"])
    assert.deepStrictEqual(yield* found({ query: "tea", user: "nobody" }), [])
    assert.deepStrictEqual(yield* found({ query: "tea", user: "eve", conversation: "dm:alice:bob" }), [])
    assert.deepStrictEqual(yield* found({ has: "link" }), ["green tea at https://example.com"])
    assert.deepStrictEqual(yield* found({ sender: "eve", before_at: 1 }), [])
    assert.lengthOf(yield* found({ after_at: 1 }), 3)
  }, { access })

  served("pages follow one another by the cursor, which is good for the same search alone", function*(port) {
    const search = searchAt(port)
    const alice = yield* connect({ port, user: "alice", level: "v1" })
    for (const n of [1, 2, 3]) yield* say(alice, "bob", `tea ${n}`)
    const first = yield* search({ query: "tea", limit: 2 })
    assert.deepStrictEqual(textsOf(first), ["tea 3", "tea 2"])
    const { cursor } = first.body
    const second = yield* search({ query: "tea", limit: 2, cursor })
    assert.deepStrictEqual([textsOf(second), second.body.cursor], [["tea 1"], undefined])
    const anothers = yield* search({ query: "tea", user: "alice", cursor })
    assert.deepStrictEqual([anothers.status, anothers.body.code], [400, "invalid_frame"])
  }, { access })

  served("what is wrong with a query is a 400 with a sentence", function*(port) {
    const search = searchAt(port)
    const wrong: ReadonlyArray<Readonly<Record<string, string | number>>> = [
      {},
      { query: " " },
      { query: "x".repeat(1_001) },
      { query: "tea", limit: 101 },
      { query: "tea", before_at: "soon" },
      { query: "tea", has: "picture" },
      { query: "tea", user: "no user" },
      { query: "tea", cursor: "no cursor!" },
      { query: "tea", cursor: "AAAA" }
    ]
    for (const query of wrong) {
      const { body, status } = yield* search(query)
      assert.strictEqual(status, 400, JSON.stringify(query))
      assert.match(body.detail, /^\S.*\.$/)
    }
    const nowhere = yield* search({ query: "tea", conversation: "dm:alice:bob" })
    assert.deepStrictEqual([nowhere.status, nowhere.body.code], [404, "not_found"])
  }, { access })

  served("a store without an index says so", function*(port) {
    const { body, status } = yield* searchAt(port)({ query: "tea" })
    assert.deepStrictEqual([status, body.code], [503, "not_supported"])
  }, { access, store: memoryWith(() => ({})) })
})
