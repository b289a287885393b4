/** What becomes of files when the messages that name them go, or whoever they belong to. */
import { Clock, Effect } from "effect"
import assert from "node:assert/strict"
import { commit, created, entries, text, texts } from "../contract/commands.ts"
import { fileCase, type FileRecordsCase } from "./FileCase.ts"
import { shownFiles, withFiles } from "./messages.ts"

export const leavingCases: ReadonlyArray<FileRecordsCase> = [
  fileCase("what retention removes needs its files no more, and a retry of it is known (P3)", function*({
    alice,
    conversation,
    files,
    store,
    unneeded,
    upload
  }) {
    const at = yield* Clock.currentTimeMillis
    const [a, b] = [yield* upload(alice, "a"), yield* upload(alice, "b")]
    const said = withFiles(alice, conversation, [a, b], { at: at - 20, id: "1" })
    yield* commit(said, withFiles(alice, conversation, [b], { at: at - 5 }))
    yield* store.trim({ before: at - 10 })
    assert.deepEqual(yield* shownFiles(conversation), [[b]])
    assert.deepEqual([yield* files.uses(a, 9), yield* files.uses(b, 9)], [[], [{ conversation, seq: 2 }]])
    assert.deepEqual(yield* unneeded(), [a])
    yield* files.forget([a])
    assert.deepEqual(
      yield* commit(
        said,
        text(alice, conversation, "look", { id: "1" }),
        withFiles(alice, conversation, [b], { id: "1" })
      ),
      ["1 again", "id_conflict", "id_conflict"]
    )
  }),

  fileCase("P8 the files of an erased user go, used or not, and are nobody's", function*({
    alice,
    bob,
    conversation,
    files,
    group,
    store,
    tea,
    unneeded,
    upload
  }) {
    yield* commit(created(group, alice, { [bob]: "owner" }))
    const [used, unused, theirs] = [yield* upload(alice, "a"), yield* upload(alice, "b"), yield* upload(bob, "c")]
    const held = yield* upload(alice, "d", { state: "held" })
    const uploading = yield* upload(alice, "e", { state: "uploading" })
    yield* commit(
      withFiles(alice, conversation, [used], { body: "" }),
      withFiles(bob, conversation, [theirs]),
      withFiles(alice, tea, [used])
    )
    assert.equal(yield* store.eraseUser(alice), 2)
    assert.deepEqual(yield* shownFiles(conversation), [undefined, [theirs]])
    assert.ok(!JSON.stringify([...yield* entries(conversation), ...yield* entries(tea)]).includes(used))
    const hers = [used, unused, held, uploading]
    for (const file of hers) {
      assert.deepEqual([(yield* files.get(file))?.state, yield* files.uses(file, 1)], ["removing", []])
    }
    assert.deepEqual([(yield* files.get(theirs))?.state, (yield* files.uses(theirs, 1)).length], ["ready", 1])
    assert.deepEqual(yield* files.usage(alice), { files: 0, bytes: 0 })
    assert.equal(yield* files.finish(uploading, { size: 1, sha256: "", state: "ready" }), false)
    // Whoever has the name now, and has files of their own.
    const next = yield* upload(alice, "f")
    assert.deepEqual(
      yield* commit(
        withFiles(alice, conversation, [used]),
        withFiles(alice, conversation, [unused]),
        withFiles(alice, conversation, [held]),
        withFiles(alice, conversation, [next])
      ),
      ["not_found", "not_found", "not_found", "3"]
    )
    assert.deepEqual(yield* unneeded(), hers)
  }),

  fileCase("an erasure that is run again ends the same, also of who has only files", function*({
    alice,
    bob,
    conversation,
    files,
    store,
    upload
  }) {
    const only = yield* upload(bob, "a")
    assert.deepEqual([yield* store.eraseUser(bob), (yield* files.get(only))?.state], [0, "removing"])
    yield* commit(withFiles(alice, conversation, [yield* upload(alice, "b")]))
    assert.deepEqual([yield* store.eraseUser(alice), yield* store.eraseUser(alice)], [1, 0])
    yield* files.forget([only])
    yield* store.eraseUser(bob)
    assert.deepEqual([yield* texts(conversation), yield* files.list({ owner: bob, limit: 9 })], [["deleted"], []])
  }),

  fileCase("an erasure of many files pauses between its steps", function*({ alice, files, newFile, store }) {
    yield* Effect.forEach(
      Array.from({ length: 500 }, (_, i) => newFile(alice, `${1_000 + i}`, { size: 1 })),
      (file) => files.begin(file, 0),
      { discard: true }
    )
    let pauses = 0
    yield* store.eraseUser(alice, Effect.sync(() => void pauses++))
    assert.ok(store.durability === "memory" || pauses >= 2)
    assert.deepEqual(yield* files.usage(alice), { files: 0, bytes: 0 })
    assert.equal((yield* files.list({ owner: alice, state: "removing", limit: 1_000 })).length, 500)
  })
]
