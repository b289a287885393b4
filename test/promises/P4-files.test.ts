/**
 * P4 P8 Files of messages: whoever sees a message sees its files, the same ones wherever and whenever they read it, and
 * nobody sends what is not theirs to send.
 */
import { assert, describe } from "@effect/vitest"
import { Context, Effect } from "effect"
import type { Attachments } from "../../src/domain/entries/Attachment.ts"
import { FileId, UserId } from "../../src/domain/Ids.ts"
import { FileLinks } from "../../src/services/files/FileLinks.ts"
import { FileRecords } from "../../src/services/storage/FileRecords.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { journals } from "../support/stores.ts"
import { type House, onTwoServers, ways } from "../support/twoServers.ts"

const stores = journals("promised_files").flatMap(([name, store]) => ways.map((way) => [name, store, way] as const))

const upload = Effect.fnUntraced(function*(owner: string, name: string, state: "ready" | "held" = "ready") {
  const files = yield* FileRecords
  const file = FileId.make(`${owner}-${name.replaceAll(/\W/g, "_")}`)
  yield* files.begin({ file, owner: UserId.make(owner), name, type: "image/png", size: 7, at: 1 }, 0)
  yield* files.finish(file, { size: 7, sha256: "0".repeat(64), state })
  return file
})

const picture = { width: 640, height: 480, preview: "aGVsbG8=" }

/** What is known of files, wherever it came from. Their paths are good at both servers, whoever has made them. */
const filesOf = Effect.fnUntraced(function*(shown: { readonly attachments?: Attachments }, house: House) {
  const { attachments = [] } = shown
  for (const { file, name, url = "" } of attachments) {
    const [path, query] = url.split("?")
    assert.strictEqual(path, `/v1/files/${file}/${encodeURIComponent(name)}`)
    const { expires, signature } = Object.fromEntries(new URLSearchParams(query))
    for (const { context } of [house.a, house.b]) {
      const links = Context.get(context as Context.Context<FileLinks>, FileLinks)
      assert.isTrue(yield* links.isGood(file, expires ?? "", signature ?? ""))
    }
  }
  return attachments.map(({ url: _, ...rest }) => rest)
})

const heard = (device: MemoryConnection, seq: number) =>
  device.waitFor("incoming_message", (frame) => frame.seq === seq)

for (const [name, store, bus] of stores) {
  const live = onTwoServers(store, bus)

  describe(`files of messages, two servers on one store: ${name}, ${bus}`, () => {
    live("P4 both levels have the same files live, after a while away, and in what they read", function*(house) {
      const { a, b } = house
      const [alice, tablet] = [yield* a.join("alice"), yield* b.join("alice", { device: "tablet" })]
      const [bob, plain] = [yield* b.join("bob"), yield* a.join("bob", { level: "plain", device: "old" })]
      const [one, two] = [yield* upload("alice", "tea & cake.png"), yield* upload("alice", "ö.png")]
      const files = [
        { file: two, name: "ö.png", type: "image/png", size: 7 },
        { file: one, name: "tea & cake.png", type: "image/png", size: 7, ...picture }
      ]
      const attachments = [{ file: two }, { file: one, ...picture }]
      const said = { type: "chat_message", id: "1", recipient: "bob", text: "", attachments }
      assert.strictEqual(yield* alice.code(said), "message_accepted")
      for (const device of [tablet, bob, plain]) {
        const frame = yield* heard(device, 1)
        assert.deepStrictEqual([frame.text, yield* filesOf(frame, house)], ["", files])
      }

      // In a group, too.
      const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
      assert.strictEqual(
        yield* alice.code({ ...said, id: "2", recipient: undefined, group, text: "look" }),
        "message_accepted"
      )
      for (const device of [tablet, bob, plain]) {
        const frame = yield* device.waitFor("incoming_message", ({ text }) => text === "look")
        assert.deepStrictEqual(yield* filesOf(frame, house), files)
      }

      // Who was not there, at either level.
      for (const level of ["plain", "v1"] as const) {
        const late = yield* a.join("bob", { level, device: `late ${level}`.replace(" ", "-") })
        assert.deepStrictEqual(yield* filesOf(yield* heard(late, 1), house), files)
      }

      for (const device of [alice, tablet, bob]) {
        const peer = device === bob ? "alice" : "bob"
        const page = yield* device.ask({ type: "history", recipient: peer, after: 0 }, "history_page")
        const [entry] = page.messages
        assert.ok(entry?.kind === "text")
        assert.deepStrictEqual(yield* filesOf(entry, house), files)
        const list = yield* device.ask({ type: "conversations", order: "recent" }, "conversation_list")
        for (const { last_message } of list.conversations) {
          assert.ok(last_message?.kind === "text")
          assert.deepStrictEqual(yield* filesOf(last_message, house), files)
        }
      }

      // A retry is the same message; another file makes it another.
      const again = yield* alice.ask(said, "message_accepted")
      assert.isTrue(again.duplicate)
      assert.strictEqual(yield* tablet.code({ ...said, attachments: [{ file: one }] }), "id_conflict")
    })

    live("P4 an edit keeps the files, a delete takes them from all who look", function*({ a, b }) {
      const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
      const file = yield* upload("alice", "a.png")
      const { conversation } = yield* alice.ask(
        { type: "chat_message", recipient: "bob", text: "look", attachments: [{ file }] },
        "message_accepted"
      )
      const shown = Effect.map(bob.ask({ type: "history", conversation, after: 0 }, "history_page"), ({ messages }) => {
        const [entry] = messages
        assert.ok(entry?.kind === "text")
        return [entry.text, entry.attachments?.map((each) => each.file)]
      })
      assert.deepStrictEqual(yield* shown, ["look", [file]])
      assert.strictEqual(
        yield* alice.code({ type: "edit_message", conversation, seq: 1, text: "look!" }),
        "message_accepted"
      )
      assert.deepStrictEqual(yield* shown, ["look!", [file]])
      yield* alice.code({ type: "delete_message", conversation, seq: 1 })
      assert.deepStrictEqual(yield* shown, [undefined, undefined])
    })

    live("P8 nobody sends what is another's, held, removed or unknown, at whichever server", function*({ a, b }) {
      const files = yield* FileRecords
      const [alice, there] = [yield* a.join("alice"), yield* b.join("alice", { device: "tablet" })]
      const bob = yield* b.join("bob")
      const mine = yield* upload("alice", "mine.png")
      const theirs = yield* upload("bob", "theirs.png")
      const held = yield* upload("alice", "held.png", "held")
      const removed = yield* upload("alice", "removed.png")
      yield* files.discard(removed)
      const say = (device: MemoryConnection, ...named: ReadonlyArray<string>) =>
        device.code({
          type: "chat_message",
          recipient: "bob",
          text: "x",
          attachments: named.map((file) => ({ file }))
        })
      for (const device of [alice, there]) {
        assert.strictEqual(yield* say(device, theirs), "not_found")
        assert.strictEqual(yield* say(device, mine, theirs), "not_found")
        assert.strictEqual(yield* say(device, removed), "not_found")
        assert.strictEqual(yield* say(device, "unknown"), "not_found")
        assert.strictEqual(yield* say(device, held), "forbidden")
        assert.strictEqual(yield* say(device, mine, mine), "invalid_frame")
        assert.strictEqual(yield* say(device, "../mine"), "invalid_frame")
        assert.strictEqual(yield* say(device), "invalid_frame")
      }
      assert.strictEqual(yield* bob.code({ type: "chat_message", recipient: "alice", text: " " }), "invalid_frame")
      assert.deepStrictEqual(bob.seqs, [])
      assert.strictEqual(yield* say(there, mine), "message_accepted")
      // Whoever was shown it has not got it.
      assert.strictEqual(
        yield* bob.code({ type: "chat_message", recipient: "alice", text: "x", attachments: [{ file: mine }] }),
        "not_found"
      )
    })
  })
}
