/** Messages with files that the admin API and apps say, read and give out. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { ClientId, FileId, UserId } from "../../../src/domain/Ids.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { access, adminAt, pathOf } from "../../support/adminApi.ts"
import { fileRecords } from "../../support/fileApi.ts"
import { memoryWith } from "../../support/stores.ts"
import { connect } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const upload = Effect.fnUntraced(function*(owner: string, name: string) {
  const files = yield* fileRecords
  const file = FileId.make(name)
  yield* files.begin({ file, owner: UserId.make(owner), name: `${name}.png`, type: "image/png", size: 7, at: 1 }, 0)
  yield* files.finish(file, { size: 7, sha256: "0".repeat(64), state: "ready" })
  return file
})

/** Signed: a path, and no more can be said of it here. */
const shown = <F extends { readonly url?: string }>(files: ReadonlyArray<F> | undefined) =>
  files?.map(({ url = "", ...rest }) => ({ ...rest, url: url.replace(/\?expires=\d+&signature=[\w-]{43}$/, "") }))

const picture = (file: FileId) => ({
  file,
  name: `${file}.png`,
  type: "image/png",
  size: 7,
  url: `/v1/files/${file}/${file}.png`
})

const store = MemoryMessageStore.layer()

describe("messages with files, said for somebody", () => {
  served("the admin API says them with files of the named sender, and reads them", function*(port) {
    const admin = adminAt(port)
    const [mine, theirs] = [yield* upload("alice", "mine"), yield* upload("bob", "theirs")]
    const bob = yield* connect({ port, user: "bob", level: "v1" })
    const said = { sender: "alice", recipient: "bob", text: "", id: "1", attachments: [{ file: mine, width: 4 }] }
    const { body, status } = yield* admin.post("/messages", said)
    assert.deepStrictEqual([status, body.seq], [200, 1])
    const files = [{ ...picture(mine), width: 4 }]
    const heard = yield* bob.waitFor("incoming_message")
    assert.deepStrictEqual([heard.text, shown(heard.attachments)], ["", files])
    const page = (yield* admin.get(pathOf(body.conversation))).body
    assert.deepStrictEqual(shown(page.messages[0].attachments), files)
    const list = (yield* admin.get("/users/bob/conversations?order=recent")).body
    assert.deepStrictEqual(shown(list.conversations[0].last_message.attachments), files)

    assert.strictEqual((yield* admin.post("/messages", said)).body.duplicate, true)
    const other = (change: object) =>
      Effect.map(admin.post("/messages", { ...said, ...change }), ({ body, status }) => [status, body.code])
    assert.deepStrictEqual(yield* other({ attachments: [{ file: mine }] }), [409, "id_conflict"])
    assert.deepStrictEqual(yield* other({ id: "2", attachments: [{ file: theirs }] }), [404, "not_found"])
    assert.deepStrictEqual(yield* other({ id: "2", sender: "bob", recipient: "alice" }), [404, "not_found"])
    for (const attachments of [undefined, [], [{ file: mine }, { file: mine }], [{}], [{ file: mine, width: 0 }]]) {
      assert.strictEqual((yield* other({ id: "2", attachments }))[0], 400, JSON.stringify(attachments))
    }
  }, { access, store })

  served("an app says them, and hears of them with their paths", function*(port) {
    const server = yield* ServerActor
    const file = yield* upload("alice", "mine")
    const bob = yield* connect({ port, user: "bob", level: "plain" })
    const said = {
      sender: UserId.make("alice"),
      recipient: UserId.make("bob"),
      text: "look",
      id: ClientId.make("1"),
      attachments: [{ file }]
    }
    assert.strictEqual((yield* server.send(said)).seq, 1)
    assert.deepStrictEqual(shown((yield* bob.waitFor("incoming_message")).attachments), [picture(file)])
    assert.strictEqual((yield* server.send(said)).duplicate, true)
    const error = yield* Effect.flip(server.send({ ...said, sender: UserId.make("bob"), recipient: said.sender }))
    assert.strictEqual(error.code, "not_found")
  }, { access, store })

  served("P8 what a user has uploaded is given out, a line for each piece", function*(port) {
    const file = yield* upload("alice", "mine")
    const { text } = yield* adminAt(port).get("/users/alice/export")
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line) as { readonly type: string })
    assert.deepStrictEqual<unknown>(lines[1], {
      type: "file",
      file,
      name: "mine.png",
      size: 7,
      sha256: "0".repeat(64),
      at: 1,
      content_type: "image/png"
    })
  }, { access, store })
})

describe("messages with files, over a store of an app's own that has none", () => {
  served("they are refused, and nothing of them is kept", function*(port) {
    const alice = yield* connect({ port, user: "alice", level: "v1" })
    const said = { type: "chat_message", recipient: "bob", text: "look", attachments: [{ file: "f" }] }
    const refused = yield* alice.ask(said, "error")
    assert.deepStrictEqual([refused.code, refused.temporary], ["forbidden", false])
    assert.match(refused.message, /^This server keeps no files; .*\.$/)
    const plain = yield* connect({ port, user: "carol", level: "plain" })
    plain.send({ ...said, id: "1" })
    assert.strictEqual((yield* plain.waitFor("error")).code, "forbidden")
    const { body, status } = yield* adminAt(port).post("/messages", {
      sender: "alice",
      recipient: "bob",
      text: "look",
      attachments: [{ file: "f" }]
    })
    assert.deepStrictEqual([status, body.code], [403, "forbidden"])
    const { seq } = yield* alice.ask({ ...said, attachments: undefined }, "message_accepted")
    assert.strictEqual(seq, 1)
  }, { access, store: memoryWith(() => ({})) })
})
