/** Messages that name files: what is kept of them, and which files they may name. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import type { NewAttachment } from "../../domain/entries/Attachment.ts"
import type { ConversationId, FileId, UserId } from "../../domain/Ids.ts"
import type { Append } from "../../services/storage/MessageStore.ts"
import { commit, created, edit, entries, phone, remove, text, texts } from "../contract/commands.ts"
import { fileCase, type FileRecordsCase } from "./FileCase.ts"

interface Said {
  readonly id?: string
  readonly at?: number
  readonly body?: string
}

export const withFiles = (
  sender: UserId,
  conversation: ConversationId,
  attachments: ReadonlyArray<FileId | NewAttachment>,
  { body = "look", ...options }: Said = {}
): Append => ({
  ...text(sender, conversation, body, options),
  kind: "text",
  text: body,
  replyTo: undefined,
  attachments: attachments.map((each) => typeof each === "string" ? { file: each } : each)
})

export const shownFiles = (conversation: ConversationId) =>
  Effect.map(
    entries(conversation),
    (all) => all.map((entry) => entry.kind === "text" ? entry.attachments?.map(({ file }) => file) : undefined)
  )

const picture = { width: 640, height: 480, preview: "aGVsbG8=" }

export const messageCases: ReadonlyArray<FileRecordsCase> = [
  fileCase("a text has its files wherever it is read", function*({ alice, bob, conversation, files, store, upload }) {
    const [a, b] = [yield* upload(alice, "a", { size: 11 }), yield* upload(alice, "b", { size: 12 })]
    const attachments = [
      { file: b, name: "b.png", type: "image/png", size: 12 },
      { file: a, name: "a.png", type: "image/png", size: 11, ...picture }
    ]
    const said = withFiles(alice, conversation, [b, { file: a, ...picture }], { at: 5 })
    const [result] = (yield* store.commit([said], [])).appends
    assert.ok(result?._tag === "Accepted")
    assert.deepEqual(JSON.parse(result.attachments ?? "null"), attachments)
    const entry = { kind: "text", seq: 1, message_id: said.messageId, sender: alice, at: 5, text: "look", attachments }
    assert.deepEqual(yield* entries(conversation), [entry])
    const { items } = yield* store.recent({ user: bob, device: phone, limit: 1 })
    assert.deepEqual(items.map(({ last_message }) => last_message), [entry])
    const own = yield* store.ownEntries({ user: alice, conversation, after: 0, limit: 10 })
    assert.deepEqual(own, [entry])
    for (const file of [a, b]) {
      assert.equal((yield* files.get(file))?.used, true)
      assert.deepEqual(yield* files.uses(file, 10), [{ conversation, seq: 1 }])
    }
    // Without files there is nothing of them.
    const [plain] = (yield* store.commit([text(alice, conversation)], [])).appends
    assert.ok(plain?._tag === "Accepted" && !("attachments" in plain))
    assert.ok(!("attachments" in (yield* entries(conversation))[1]!))
  }),

  fileCase("a text with files may be empty, also in a group", function*({ alice, bob, group, tea, upload }) {
    yield* commit(created(group, alice, { [bob]: "member" }))
    const a = yield* upload(bob, "a")
    assert.deepEqual(yield* commit(withFiles(bob, tea, [a], { body: "" })), ["2"])
    assert.deepEqual([yield* texts(tea), (yield* shownFiles(tea))[1]], [["created", ""], [a]])
  }),

  fileCase("P8 nobody names a file that is another's, unknown, not all there, held or removed", function*({
    alice,
    bob,
    conversation,
    file,
    files,
    upload
  }) {
    const mine = yield* upload(alice, "mine")
    const others = yield* upload(bob, "others")
    const uploading = yield* upload(alice, "uploading", { state: "uploading" })
    const held = yield* upload(alice, "held", { state: "held" })
    const removed = yield* upload(alice, "removed")
    yield* files.discard(removed)
    const say = (...named: ReadonlyArray<FileId>) => withFiles(alice, conversation, named)
    assert.deepEqual(
      yield* commit(
        say(others),
        say(file("unknown")),
        say(uploading),
        say(removed),
        say(held),
        // Also where it has others that are good: then nothing of it is kept.
        say(mine, others),
        say(mine, held)
      ),
      ["not_found", "not_found", "not_found", "not_found", "forbidden", "not_found", "forbidden"]
    )
    assert.deepEqual([yield* entries(conversation), (yield* files.get(mine))?.used, yield* files.uses(mine, 1)], [
      [],
      false,
      []
    ])
    yield* files.release(held)
    assert.deepEqual(yield* commit(say(held, mine)), ["1"])
  }),

  fileCase(
    "P3 a retry has the same files, and what is said of them",
    function*({ alice, conversation, store, upload }) {
      const [a, b] = [yield* upload(alice, "a"), yield* upload(alice, "b")]
      const said = withFiles(alice, conversation, [{ file: a, width: 1 }, b], { id: "1" })
      assert.deepEqual(yield* commit(said, said), ["1", "1 again"])
      const [again] = (yield* store.commit([said], [])).appends
      assert.ok(again?._tag === "Accepted" && again.duplicate)
      assert.deepEqual(
        yield* commit(
          text(alice, conversation, "look", { id: "1" }),
          withFiles(alice, conversation, [{ file: a, width: 1 }], { id: "1" }),
          withFiles(alice, conversation, [b, { file: a, width: 1 }], { id: "1" }),
          withFiles(alice, conversation, [{ file: a, width: 2 }, b], { id: "1" }),
          withFiles(alice, conversation, [{ file: a, height: 1 }, b], { id: "1" }),
          withFiles(alice, conversation, [{ file: a, width: 1, preview: "aaaa" }, b], { id: "1" }),
          withFiles(alice, conversation, [{ file: a, width: 1 }, b], { id: "1", body: "other" }),
          text(alice, conversation, "plain", { id: "2" }),
          withFiles(alice, conversation, [a], { id: "2", body: "plain" })
        ),
        [...Array.replicate("id_conflict", 7), "2", "id_conflict"]
      )
    }
  ),

  fileCase("P3 a retry is known after its text was edited or deleted and its file removed", function*({
    alice,
    conversation,
    files,
    upload
  }) {
    const [a, b] = [yield* upload(alice, "a"), yield* upload(alice, "b")]
    const one = withFiles(alice, conversation, [{ file: a, ...picture }], { id: "1" })
    const two = withFiles(alice, conversation, [a], { id: "2" })
    const three = withFiles(alice, conversation, [a], { id: "3" })
    yield* commit(one, two, three, edit(alice, conversation, 1, "changed"), remove(alice, conversation, 2))
    yield* commit(edit(alice, conversation, 3, "changed, too"), remove(alice, conversation, 3))
    yield* files.discard(a)
    yield* files.forget([a])
    const instead = (id: string) => withFiles(alice, conversation, [b], { id })
    const without = (id: string) => text(alice, conversation, "look", { id })
    assert.deepEqual(
      yield* commit(
        one,
        two,
        three,
        ...["1", "2", "3"].flatMap((id) => [instead(id), without(id)]),
        withFiles(alice, conversation, [{ file: a, ...picture }], { id: "1", body: "changed" })
      ),
      ["1 again", "2 again", "3 again", ...Array.replicate("id_conflict", 7)]
    )
    assert.equal((yield* files.get(b))?.used, false)
  }),

  fileCase("an edit keeps the files of a text, a delete takes them", function*({
    alice,
    conversation,
    files,
    unneeded,
    upload
  }) {
    const [a, b] = [yield* upload(alice, "a"), yield* upload(alice, "b")]
    yield* commit(withFiles(alice, conversation, [a, b]), withFiles(alice, conversation, [b]))
    yield* commit(edit(alice, conversation, 1, "changed"))
    assert.deepEqual((yield* shownFiles(conversation)).slice(0, 2), [[a, b], [b]])
    yield* commit(remove(alice, conversation, 1))
    const [entry] = yield* entries(conversation)
    assert.ok(entry?.kind === "text" && entry.deleted === true && !("attachments" in entry))
    assert.deepEqual(yield* files.uses(a, 10), [])
    assert.deepEqual(yield* files.uses(b, 10), [{ conversation, seq: 2 }])
    // Others may name it; it stays for as long as one does.
    assert.deepEqual(yield* unneeded(), [a])
    assert.deepEqual([(yield* files.get(a))?.state, (yield* files.get(b))?.state], ["removing", "ready"])
    yield* commit(remove(alice, conversation, 2))
    assert.deepEqual(yield* unneeded(), [a, b])
  }),

  fileCase("what is said and deleted, or deleted and said again, in one batch", function*({
    alice,
    conversation,
    files,
    unneeded,
    upload
  }) {
    const [a, b] = [yield* upload(alice, "a"), yield* upload(alice, "b")]
    yield* commit(withFiles(alice, conversation, [b]))
    assert.deepEqual(
      yield* commit(
        withFiles(alice, conversation, [a]),
        remove(alice, conversation, 2),
        remove(alice, conversation, 1),
        withFiles(alice, conversation, [b])
      ),
      ["2", "3", "4", "5"]
    )
    assert.deepEqual(yield* shownFiles(conversation), [undefined, undefined, undefined, undefined, [b]])
    assert.deepEqual([yield* files.uses(a, 1), yield* files.uses(b, 9)], [[], [{ conversation, seq: 5 }]])
    assert.deepEqual(yield* unneeded(), [a])
  }),

  fileCase("a file that a message names while it is found unneeded is kept, or the message is refused", function*({
    alice,
    conversation,
    files,
    unneeded,
    upload
  }) {
    for (const round of Array.range(1, 20)) {
      const named = yield* Effect.forEach(Array.range(1, 4), (i) => upload(alice, `${round}-${i}`, { at: 1 }))
      const [answers] = yield* Effect.all([
        Effect.forEach(named, (file) => commit(withFiles(alice, conversation, [file])), { concurrency: "unbounded" }),
        unneeded({ unusedBefore: 2 })
      ], { concurrency: "unbounded" })
      for (const [i, [answer]] of answers.entries()) {
        const record = yield* files.get(named[i]!)
        const uses = yield* files.uses(named[i]!, 2)
        assert.deepEqual(
          [record?.state, record?.used, uses.length],
          answer === "not_found" ? ["removing", false, 0] : ["ready", true, 1]
        )
      }
    }
  })
]
