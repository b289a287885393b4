/**
 * What a `Directory`, `FileRecords` and the store beside them have to do together: a file that somebody shows is needed. A
 * list of named effects, like `messageStoreContract`.
 */
import { Clock, Effect } from "effect"
import assert from "node:assert/strict"
import type { FileId, UserId } from "../domain/Ids.ts"
import { Directory } from "../services/storage/Directory.ts"
import type { FileRecords } from "../services/storage/FileRecords.ts"
import type { MessageStore, StoreError } from "../services/storage/MessageStore.ts"
import { pictureSeq, profileHolder } from "../services/storage/pictures.ts"
import { commit } from "./contract/commands.ts"
import { type FileNames, fileNames } from "./files/FileCase.ts"
import { withFiles } from "./files/messages.ts"

type Needed = Directory | FileRecords | MessageStore

export interface PictureCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, Needed>
}

interface Names extends FileNames {
  readonly directory: Directory["Service"]
  /** Sets the user's picture, and answers with why not. */
  readonly show: (user: UserId, file: string, source?: "user" | "admin") => Effect.Effect<string, StoreError>
  readonly picture: (user: UserId) => Effect.Effect<FileId | undefined, StoreError>
}

const pictureCase = (
  name: string,
  body: (names: Names) => Effect.fn.Return<void, StoreError, Needed>
): PictureCase => ({
  name,
  effect: Effect.gen(function*() {
    const directory = yield* Directory
    yield* body({
      ...(yield* fileNames),
      directory,
      show: (user, avatar, source = "user") =>
        Effect.map(
          directory.patchProfile({ user, avatar, source, at: 1 }),
          (change) => change._tag === "Set" ? "shown" : change.error.code
        ),
      picture: (user) => Effect.map(directory.profiles([user]), ([profile]) => profile?.picture?.file)
    })
  })
})

/** Everything that no message has named is old. */
const old = { unusedBefore: Number.MAX_SAFE_INTEGER }

export const picturesContract: ReadonlyArray<PictureCase> = [
  pictureCase("a picture that is shown is needed, and one that is not shown any more is not", function*({
    alice,
    files,
    picture,
    show,
    unneeded,
    upload
  }) {
    const [one, two] = [yield* upload(alice, "one"), yield* upload(alice, "two")]
    assert.equal(yield* show(alice, one), "shown")
    assert.equal(yield* show(alice, one), "shown")
    assert.equal(yield* picture(alice), one)
    assert.deepEqual(yield* files.uses(one, 9), [{ conversation: profileHolder(alice), seq: pictureSeq }])
    assert.equal((yield* files.get(one))?.used, true)
    assert.deepEqual(yield* unneeded(old), [two])
    const three = yield* upload(alice, "three")
    assert.equal(yield* show(alice, three), "shown")
    assert.deepEqual(yield* unneeded(old), [one, two])
    assert.equal(yield* show(alice, ""), "shown")
    assert.equal(yield* picture(alice), undefined)
    assert.deepEqual(yield* unneeded(old), [one, three, two])
  }),

  pictureCase("P8 only a picture of one's own that has passed may be shown", function*({
    alice,
    bob,
    directory,
    files,
    newFile,
    show,
    upload
  }) {
    const theirs = yield* upload(bob, "theirs")
    assert.equal(yield* show(alice, theirs), "not_found")
    assert.equal(yield* show(alice, "f-nothing"), "not_found")
    assert.equal(yield* show(alice, "https://elsewhere.example/a.png"), "not_found")
    assert.equal(yield* show(alice, yield* upload(alice, "up", { state: "uploading" })), "not_found")
    const held = yield* upload(alice, "held", { state: "held" })
    assert.equal(yield* show(alice, held), "forbidden")
    yield* files.begin({ ...newFile(alice, "page"), type: "text/html" }, 0)
    yield* files.finish(newFile(alice, "page").file, { size: 1, sha256: "0".repeat(64), state: "ready" })
    assert.equal(yield* show(alice, newFile(alice, "page").file), "forbidden")
    const gone = yield* upload(alice, "gone")
    yield* files.discard(gone)
    assert.equal(yield* show(alice, gone), "not_found")
    assert.deepEqual(yield* directory.profiles([alice]), [])
    yield* files.release(held)
    assert.equal(yield* show(alice, held), "shown")
  }),

  pictureCase("a picture that is removed is not shown, whoever removes it", function*({
    alice,
    files,
    picture,
    show,
    unneeded,
    upload
  }) {
    const one = yield* upload(alice, "one")
    yield* show(alice, one)
    yield* files.discard(one)
    assert.equal(yield* picture(alice), undefined)
    yield* files.forget([one])
    assert.equal(yield* picture(alice), undefined)
    const two = yield* upload(alice, "two")
    assert.equal(yield* show(alice, two), "shown")
    assert.equal(yield* picture(alice), two)
    assert.deepEqual(yield* unneeded(old), [])
  }),

  pictureCase("a file of a message may be a picture: it goes when it is neither", function*({
    alice,
    conversation,
    picture,
    show,
    store,
    unneeded,
    upload
  }) {
    const [one, two] = [yield* upload(alice, "one"), yield* upload(alice, "two")]
    const at = yield* Clock.currentTimeMillis
    yield* commit(withFiles(alice, conversation, [one, two], { at: at - 20 }))
    yield* show(alice, one)
    yield* store.trim({ before: at - 10 })
    assert.deepEqual(yield* unneeded(old), [two])
    assert.equal(yield* picture(alice), one)
    yield* show(alice, "")
    assert.deepEqual(yield* unneeded(old), [one, two])
  }),

  pictureCase("an erased user shows nothing, also not a file of somebody else", function*({
    alice,
    bob,
    directory,
    picture,
    show,
    store,
    unneeded,
    upload
  }) {
    const [own, given] = [yield* upload(alice, "own"), yield* upload(bob, "given")]
    yield* show(bob, own, "admin")
    yield* show(alice, given, "admin")
    assert.deepEqual([yield* picture(alice), yield* picture(bob)], [given, own])
    yield* store.eraseUser(alice)
    assert.deepEqual(yield* directory.profiles([alice]), [])
    assert.equal(yield* picture(bob), undefined)
    assert.deepEqual(yield* unneeded(old), [given, own])
  })
]
