/**
 * P1 P8 P9: a search finds what `history` shows whoever asks, from the moment at which it is accepted, and nothing else. On
 * each store, over real sockets.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { FileId, UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { MessageAdmin } from "../../src/services/admin/MessageAdmin.ts"
import { FileRecords } from "../../src/services/storage/FileRecords.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../src/services/storage/PostgresMessageStore.ts"
import { freshSchema, hasPostgres, postgresUrl } from "../support/postgres.ts"
import { stores } from "../support/stores.ts"
import { connect, type TestClient } from "../support/TestClient.ts"
import { startTestServer, TestServer, testServer, unlimitedFrames } from "../support/TestServer.ts"

type Result = Extract<ServerFrame, { readonly type: "search_result" }>

let stories = 0

const joinAll = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const { port } = yield* TestServer
  const story = stories++
  return yield* Effect.forEach(names, (name) => connect({ port, user: `${name}-${story}`, level: "v1" }))
})

/** People of this story alone, all on one server. */
const people = <const Names extends ReadonlyArray<string>>(...names: Names) =>
  // One for each name, which the type of an array does not say.
  Effect.map(joinAll(names), (all) => all as never as { readonly [K in keyof Names]: TestClient })

const directOf = (...people: ReadonlyArray<TestClient>) => `dm:${people.map(({ user }) => user).toSorted().join(":")}`

const say = (from: TestClient, to: object, text: string) =>
  Effect.map(from.ask({ type: "chat_message", ...to, text }, "message_accepted"), ({ seq }) => seq)

const search = (who: TestClient, query: string, more: object = {}) =>
  who.ask({ type: "search", query, ...more }, "search_result")

const textsOf = ({ hits }: Result): ReadonlyArray<string | undefined> => hits.map(({ text }) => text)

const finds = Effect.fnUntraced(function*(who: TestClient, query: string, texts: ReadonlyArray<string>, more = {}) {
  assert.deepStrictEqual(textsOf(yield* search(who, query, more)), texts, `${who.user}: ${query}`)
})

const refused = (who: TestClient, frame: object) =>
  Effect.map(who.ask({ type: "search", query: "tea", ...frame }, "error"), ({ code }) => code)

const server = (store: Layer.Layer<MessageStore, unknown>) =>
  testServer({ store: Layer.orDie(store), settings: { ...unlimitedFrames, maxConnectionsPerSecond: 0 } })

describe("search", () => {
  for (const [name, store] of stores("promises_search")) {
    layer(server(store), { excludeTestServices: true })(name, (it) => {
      it.effect("P1 what is accepted is found by the next frame, on every connection of everybody whom it is for", () =>
        Effect.gen(function*() {
          const [alice, bob, eve] = yield* people("alice", "bob", "eve")
          const { port } = yield* TestServer
          const elsewhere = yield* connect({ port, user: alice.user, level: "v1", device: "elsewhere" })
          for (let i = 0; i < 20; i++) {
            const seq = yield* say(alice, { recipient: bob.user }, `marigold number n${i}x`)
            for (const who of [alice, elsewhere, bob]) {
              const { hits } = yield* search(who, `n${i}x`)
              const [hit] = hits
              assert.lengthOf(hits, 1)
              assert.deepInclude<object>(hit!, {
                kind: "text",
                seq,
                sender: alice.user,
                ranges: [[16, 18 + String(i).length]]
              })
              assert.strictEqual<string>(hit!.conversation, directOf(alice, bob))
            }
            yield* finds(eve, `n${i}x`, [])
          }
        }).pipe(Effect.scoped))

      it.effect("an edit is found by its new text only; what is deleted, by whomever, and erased and trimmed not at all", () =>
        Effect.gen(function*() {
          const [alice, bob] = yield* people("alice", "bob")
          const to = { recipient: bob.user }
          const seq = yield* say(alice, to, "the old word is tansy")
          yield* alice.ask({ type: "edit_message", ...to, seq, text: "the new word is yarrow" }, "message_accepted")
          yield* finds(bob, "tansy", [])
          yield* finds(bob, "yarrow", ["the new word is yarrow"])
          yield* alice.ask({ type: "delete_message", ...to, seq }, "message_accepted")
          yield* finds(alice, "yarrow", [])
          const other = yield* search(bob, "yarrow", { target: to, sender: alice.user })
          assert.isEmpty(other.hits)
          const [conversation] = (yield* alice.ask({ type: "conversations" }, "conversation_list")).conversations
          const second = yield* say(bob, { recipient: alice.user }, "yarrow again")
          yield* finds(alice, "yarrow", ["yarrow again"])
          yield* (yield* MessageAdmin).remove(conversation!.conversation, second)
          yield* finds(alice, "yarrow", [])
          yield* say(alice, to, "yarrow that is old")
          yield* say(alice, to, "the last word")
          yield* (yield* MessageStore).trim({ before: 0, keep: 1 })
          yield* finds(alice, "yarrow", [])
          yield* finds(bob, "last", ["the last word"])
          yield* say(bob, { recipient: alice.user }, "yarrow of one who goes")
          yield* finds(alice, "yarrow", ["yarrow of one who goes"])
          yield* (yield* MessageStore).eraseUser(UserId.make(bob.user))
          yield* finds(alice, "yarrow", [])
          yield* finds(alice, "", [], { sender: bob.user })
        }).pipe(Effect.scoped))

      it.effect("P8 what was said or changed under a block is not found, then or later, by the old words or the new", () =>
        Effect.gen(function*() {
          const [alice, mallory] = yield* people("alice", "mallory")
          const to = { recipient: alice.user }
          const before = yield* say(mallory, to, "sorrel before")
          yield* finds(alice, "sorrel", ["sorrel before"])
          yield* alice.ask({ type: "block", user: mallory.user }, "blocked_users")
          yield* say(mallory, to, "sorrel within")
          yield* finds(alice, "sorrel", ["sorrel before"])
          yield* finds(mallory, "sorrel", ["sorrel within", "sorrel before"])
          yield* mallory.ask({ type: "edit_message", ...to, seq: before, text: "sorrel changed" }, "message_accepted")
          for (const query of ["sorrel", "changed", "before"]) yield* finds(alice, query, [])
          yield* alice.ask({ type: "unblock", user: mallory.user }, "blocked_users")
          for (const query of ["sorrel", "changed", "within"]) yield* finds(alice, query, [])
          yield* say(mallory, to, "sorrel after")
          yield* finds(alice, "sorrel", ["sorrel after"])
          yield* finds(alice, "", ["sorrel after"], { sender: mallory.user })
        }).pipe(Effect.scoped))

      it.effect("P8 no query of a stranger's finds another's message, whatever it is made of", () =>
        Effect.gen(function*() {
          const [alice, bob, eve] = yield* people("alice", "bob", "eve")
          const texts = ["hyssop", "100% _hyssop_ \"quoted\" it's", "ヒソップ 牛膝草", "AND OR NOT NEAR(hyssop*)"]
          for (const text of texts) yield* say(alice, { recipient: bob.user }, text)
          const queries = [
            "hyssop",
            "h",
            "*",
            "%",
            "_",
            "\"",
            "\"\"\"",
            "'",
            "' OR 1=1 --",
            "hyssop* OR eve",
            "NOT eve",
            "NEAR(hyssop quoted, 5)",
            "text:hyssop",
            "hyssop:*",
            "!hyssop",
            "eve | hyssop",
            "(a+)+$",
            "^.*$",
            "\\",
            "\u0000",
            "\ud800",
            "牛膝",
            "x".repeat(1_000),
            "a ".repeat(500),
            "\"a\" ".repeat(250)
          ]
          for (const query of queries) {
            for (const more of [{}, { has: "link" }, { sender: alice.user }, { limit: 100 }]) {
              assert.isEmpty((yield* search(eve, query, more)).hits, JSON.stringify(query))
            }
            // And whoever may see them meets no error either.
            yield* search(alice, query)
          }
          for (const more of [{ sender: alice.user }, { has: "file" }, { has: "link" }, { after_at: 0 }]) {
            assert.isEmpty((yield* search(eve, "", more)).hits)
          }
          for (
            const target of [{ conversation: directOf(alice, bob) }, { group: "none" }]
          ) {
            assert.strictEqual(yield* refused(eve, target), "not_found")
          }
          // With somebody to whom one has said nothing there is nothing, as in the history.
          yield* finds(eve, "hyssop", [], { recipient: alice.user })
        }).pipe(Effect.scoped))

      it.effect("P9 pages follow one another without a gap or an end too soon, and only for whoever began", () =>
        Effect.gen(function*() {
          const [alice, bob, eve] = yield* people("alice", "bob", "eve")
          const all: Array<string> = []
          for (let i = 0; i < 25; i++) {
            const text = `chervil ${i}`
            yield* say(alice, { recipient: i % 2 === 0 ? bob.user : eve.user }, text)
            all.unshift(text)
          }
          const found: Array<string | undefined> = []
          let cursor: string | undefined
          do {
            const page = yield* search(alice, "chervil", { limit: 4, ...(cursor === undefined ? {} : { cursor }) })
            assert.isAtMost(page.hits.length, 4)
            found.push(...textsOf(page))
            cursor = page.cursor
          } while (cursor !== undefined)
          assert.sameMembers(found as Array<string>, all)
          assert.lengthOf(found, all.length)

          const page = yield* search(alice, "chervil", { limit: 4 })
          assert.notInclude(Buffer.from(page.cursor!, "base64url").toString("latin1"), bob.user)
          const forged = [
            "x",
            "A".repeat(60),
            Buffer.from(`9999999999999.1.dm:${alice.user}:${bob.user}`).toString("base64url"),
            `${page.cursor!.slice(0, -2)}AA`
          ]
          for (const cursor of forged) assert.strictEqual(yield* refused(alice, { cursor }), "invalid_frame")
          assert.strictEqual(yield* refused(eve, { cursor: page.cursor }), "invalid_frame")
          // It is a place, not a search: with other words it goes on from there.
          assert.isEmpty((yield* search(alice, "nothing-like-it", { cursor: page.cursor })).hits)
        }).pipe(Effect.scoped))

      it.effect("P9 bad input: each its code and a sentence, and the next search is answered", () =>
        Effect.gen(function*() {
          const [alice, bob] = yield* people("alice", "bob")
          yield* say(alice, { recipient: bob.user }, "lovage https://example.com/x")
          const bad: ReadonlyArray<readonly [object, string]> = [
            [{ query: "" }, "invalid_frame"],
            [{ query: "  \n " }, "invalid_frame"],
            [{ query: "x".repeat(10_000) }, "invalid_frame"],
            [{ query: 1 }, "invalid_frame"],
            [{ query: undefined }, "invalid_frame"],
            [{ limit: 0 }, "invalid_frame"],
            [{ limit: 101 }, "invalid_frame"],
            [{ limit: 1.5 }, "invalid_frame"],
            [{ has: "picture" }, "invalid_frame"],
            [{ sender: "not a user" }, "invalid_frame"],
            [{ before_at: 1.5 }, "invalid_frame"],
            [{ cursor: "" }, "invalid_frame"],
            [{ cursor: "no cursor!" }, "invalid_frame"],
            [{ recipient: bob.user, group: "g" }, "invalid_target"],
            [{ group: "g" }, "not_found"],
            [{ conversation: "nonsense" }, "not_found"]
          ]
          for (const [frame, code] of bad) assert.strictEqual(yield* refused(alice, frame), code, JSON.stringify(frame))
          for (const query of ["...", "\"\"", "?!", "👍"]) yield* finds(alice, query, [])
          const text = "lovage https://example.com/x"
          yield* finds(alice, "", [text], { has: "link", recipient: bob.user })
          yield* finds(alice, "LÖVÁGE", [text])
          yield* finds(alice, "lov exam", [text], { before_at: 9_007_199_254_740_991 })
          yield* finds(alice, "lovage", [], { before_at: 1 })
          yield* finds(alice, "lovage", [text], { after_at: -9_007_199_254_740_991 })
          yield* finds(alice, "lovage", [], { after_at: 5, before_at: -5 })
        }).pipe(Effect.scoped))

      it.effect("a message is found by the names of its files, too, and shows where they are", () =>
        Effect.gen(function*() {
          const [alice, bob, eve] = yield* people("alice", "bob", "eve")
          const to = { recipient: bob.user }
          const records = yield* Effect.flatMap(Effect.serviceOption(FileRecords), Effect.fromOption)
          const owner = UserId.make(alice.user)
          const attached = Effect.fnUntraced(function*(name: string, text: string) {
            const file = FileId.make(`${alice.user}-${name.length}`)
            yield* records.begin({ file, owner, name, type: "application/pdf", size: 7, at: 1 }, 0)
            yield* records.finish(file, { size: 7, sha256: "0".repeat(64), state: "ready" })
            const said = { type: "chat_message", ...to, text, attachments: [{ file }] }
            return (yield* alice.ask(said, "message_accepted")).seq
          })
          const alone = yield* attached("Budget of chicory.pdf", "")
          yield* attached("Budget.pdf", "the numbers of chicory")
          const [first, second, ...rest] = (yield* search(bob, "budget chicory")).hits
          assert.isEmpty(rest)
          assert.deepStrictEqual<unknown>([first!.ranges, second!.ranges, second!.text], [[[15, 22]], [], ""])
          for (const { attachments } of [first!, second!]) {
            assert.match(attachments![0]!.url!, /^\/v1\/files\/.*\?expires=\d+&signature=/)
          }
          yield* finds(bob, "chicory", ["the numbers of chicory", ""], { has: "file" })
          yield* finds(eve, "chicory", [])
          yield* alice.ask({ type: "delete_message", ...to, seq: alone }, "message_accepted")
          yield* finds(bob, "", ["the numbers of chicory"], { has: "file" })
        }).pipe(Effect.scoped))

      it.effect("P8 in a group: members now, from where each came in", () =>
        Effect.gen(function*() {
          const [alice, bob, carol] = yield* people("alice", "bob", "carol")
          const { group } = yield* alice.ask(
            { type: "create_group", name: "tea", members: [bob.user] },
            "group_info"
          )
          yield* say(alice, { group }, "fennel before")
          yield* finds(carol, "fennel", [])
          yield* alice.ask({ type: "add_members", group, members: [carol.user] }, "group_info")
          yield* say(bob, { group }, "fennel after")
          yield* finds(carol, "fennel", ["fennel after"])
          yield* finds(bob, "fennel", ["fennel after", "fennel before"], { group })
          yield* carol.ask({ type: "leave_group", group }, "group_info")
          yield* finds(carol, "fennel", [])
          assert.strictEqual(yield* refused(carol, { group }), "not_a_member")
          yield* say(bob, { group }, "fennel meanwhile")
          yield* alice.ask({ type: "add_members", group, members: [carol.user] }, "group_info")
          yield* finds(carol, "fennel", [])
          yield* say(bob, { group }, "fennel again")
          yield* finds(carol, "fennel", ["fennel again"])
        }).pipe(Effect.scoped))
    })
  }
})

/** A server with a connection of its own to the store in this schema. */
const serverOn = (schema: string) =>
  startTestServer({
    store: Layer.orDie(PostgresMessageStore.layer({ url: postgresUrl, schema })),
    settings: unlimitedFrames
  })

describe("search on two servers of one Postgres", () => {
  it.live.skipIf(!hasPostgres)(
    "P1 P8 what one accepts the other finds, with the same cursors, and nothing that is gone",
    () =>
      Effect.gen(function*() {
        const schema = yield* freshSchema("search_two_servers")
        const [a, b] = [yield* serverOn(schema), yield* serverOn(schema)]
        const [alice, bob] = [
          yield* connect({ port: a.port, user: "alice", level: "v1" }),
          yield* connect({ port: b.port, user: "bob", level: "v1" })
        ]
        const to = { recipient: "bob" }
        for (let i = 1; i <= 5; i++) {
          yield* say(alice, to, `burnet ${i}`)
          yield* finds(bob, `burnet ${i}`, [`burnet ${i}`])
        }
        const first = yield* search(bob, "burnet", { limit: 2 })
        const bobs = yield* connect({ port: a.port, user: "bob", level: "v1", device: "elsewhere" })
        const second = yield* search(bobs, "burnet", { limit: 2, cursor: first.cursor })
        assert.deepStrictEqual([...textsOf(first), ...textsOf(second)], [5, 4, 3, 2].map((n) => `burnet ${n}`))
        yield* alice.ask({ type: "edit_message", ...to, seq: 1, text: "sanicle" }, "message_accepted")
        yield* finds(bob, "burnet 1", [])
        yield* finds(bob, "sanicle", ["sanicle"])
        yield* alice.ask({ type: "delete_message", ...to, seq: 2 }, "message_accepted")
        yield* finds(bob, "burnet 2", [])
        yield* bobs.ask({ type: "block", user: "alice" }, "blocked_users")
        yield* say(alice, to, "burnet under a block")
        yield* finds(bobs, "block", [])
        // Who comes to the other server has it read again; `nodes` has how servers tell each other.
        yield* finds(yield* connect({ port: b.port, user: "bob", level: "v1", device: "third" }), "block", [])
      }).pipe(Effect.scoped)
  )
})
