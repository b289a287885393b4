/** Pictures of groups: a file that a group shows is needed, as one of a message is, and no longer than it is shown. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { FileId, GroupId, UserId } from "../../domain/Ids.ts"
import { MessageStore } from "../../services/storage/MessageStore.ts"
import { groupHolder, pictureSeq } from "../../services/storage/pictures.ts"
import { change, commit, created, text } from "../contract/commands.ts"
import { fileCase, type FileRecordsCase } from "./FileCase.ts"
import { withFiles } from "./messages.ts"

const show = (sender: UserId, group: GroupId, avatar: FileId | "") =>
  Effect.map(
    commit(change(sender, group, { action: "described", avatar })),
    ([result = ""]) => /^\d+$/.test(result) ? "shown" : result
  )

/** It is shown, and nothing else. */
const showing = Effect.fnUntraced(function*(sender: UserId, group: GroupId, avatar: FileId | "") {
  const store = yield* MessageStore
  assert.equal(yield* show(sender, group, avatar), "shown")
  assert.equal((yield* store.group(group))?.avatar, avatar === "" ? undefined : avatar)
})

/** Everything that nothing has named is old. */
const old = { unusedBefore: Number.MAX_SAFE_INTEGER }

export const groupPictureCases: ReadonlyArray<FileRecordsCase> = [
  fileCase("a group's picture is needed until it is replaced or taken away", function*({
    alice,
    files,
    group,
    store,
    unneeded,
    upload
  }) {
    yield* commit(created(group, alice, {}))
    const one = yield* upload(alice, "one")
    yield* showing(alice, group, one)
    assert.deepEqual(yield* files.uses(one, 9), [{ conversation: groupHolder(group), seq: pictureSeq }])
    assert.deepEqual(yield* unneeded(old), [])
    const two = yield* upload(alice, "two")
    yield* showing(alice, group, two)
    assert.deepEqual(yield* unneeded(old), [one])
    // Other changes leave it as it is.
    yield* commit(change(alice, group, { action: "described", description: "at five" }))
    yield* commit(change(alice, group, { action: "renamed", name: "tea" }))
    assert.equal((yield* store.group(group))?.avatar, two)
    yield* showing(alice, group, "")
    assert.deepEqual(yield* unneeded(old), [one, two])
  }),

  fileCase("P8 a group shows only a picture of whoever sets it that has passed", function*({
    alice,
    bob,
    files,
    group,
    newFile,
    store,
    upload
  }) {
    yield* commit(created(group, alice, { [bob]: "admin" }))
    const theirs = yield* upload(bob, "theirs")
    const held = yield* upload(alice, "held", { state: "held" })
    const page = newFile(alice, "page")
    yield* files.begin({ ...page, type: "text/html" }, 0)
    yield* files.finish(page.file, { size: 1, sha256: "0".repeat(64), state: "ready" })
    const codes = []
    for (const file of [theirs, held, page.file]) codes.push(yield* show(alice, group, file))
    assert.deepEqual(codes, ["not_found", "forbidden", "forbidden"])
    assert.equal((yield* store.group(group))?.avatar, undefined)
    yield* showing(bob, group, theirs)
  }),

  fileCase("trimming the log leaves the picture, also where its file was in a message that goes", function*({
    alice,
    group,
    store,
    tea,
    unneeded,
    upload
  }) {
    yield* commit(created(group, alice, {}))
    const [one, two] = [yield* upload(alice, "one"), yield* upload(alice, "two")]
    yield* commit(withFiles(alice, tea, [one, two]))
    yield* showing(alice, group, one)
    yield* commit(text(alice, tea, "later"))
    yield* store.trim({ keep: 1 })
    assert.deepEqual(yield* unneeded(old), [two])
    assert.equal((yield* store.group(group))?.avatar, one)
  }),

  fileCase("a picture that the operator removes is gone for good, and another may be shown", function*({
    alice,
    files,
    group,
    unneeded,
    upload
  }) {
    yield* commit(created(group, alice, {}))
    const one = yield* upload(alice, "one")
    yield* show(alice, group, one)
    yield* files.discard(one)
    assert.equal((yield* files.get(one))?.state, "removing")
    assert.equal(yield* show(alice, group, one), "not_found")
    yield* files.forget([one])
    assert.equal(yield* files.get(one), undefined)
    const two = yield* upload(alice, "two")
    yield* showing(alice, group, two)
    assert.deepEqual(yield* unneeded(old), [])
  }),

  fileCase("who set the picture is erased: their file goes, and the group stands without it", function*({
    alice,
    bob,
    files,
    group,
    store,
    upload
  }) {
    yield* commit(created(group, alice, { [bob]: "admin" }))
    const own = yield* upload(bob, "own")
    yield* showing(bob, group, own)
    yield* store.eraseUser(bob)
    assert.notEqual((yield* files.get(own))?.state, "ready")
    yield* showing(alice, group, "")
  })
]
