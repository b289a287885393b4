/** Files in the tray of a conversation, and with the message that waits for them. */
import { assert, describe, it } from "@effect/vitest"
import type { ChatEvent } from "../../../src/client/index.ts"
import { initial, type Pending, type State } from "../../../src/web/state/model.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"
import { previewOf } from "../../../src/web/state/selectors.ts"
import type { Upload } from "../../../src/web/state/upload.ts"
import { allThere, anyFailed, attachmentsOf, filesOf, trayOf, uploadsOf } from "../../../src/web/state/uploads.ts"

const id = "dm:alice:bob"
const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const upload = (id: string, conversation = "dm:alice:bob"): Upload => ({
  id,
  conversation,
  name: `${id}.png`,
  type: "image/png",
  size: 100,
  progress: { _tag: "Waiting" }
})
const chosen = (...args: Parameters<typeof upload>): Action => ({ type: "chosen", upload: upload(...args) })
const there = (id: string): Action => ({
  type: "uploading",
  id,
  change: { progress: { _tag: "There", file: `file-${id}` }, look: { width: 4, height: 3 } }
})
const pending: Pending = {
  id: "m1",
  conversation: id,
  target: { recipient: "bob" },
  text: "look",
  at: 5_000,
  uploading: true
}
const ids = (uploads: ReadonlyArray<Upload>) => uploads.map(({ id }) => id)

describe("the tray", () => {
  it("is of each conversation by itself, in the order in which files were chosen", () => {
    const state = play(chosen("a"), chosen("b", "group:g"), chosen("c"), there("a"))
    assert.deepStrictEqual(ids(trayOf(state, id)), ["a", "c"])
    assert.deepStrictEqual(ids(trayOf(state, "group:g")), ["b"])
    assert.deepStrictEqual(ids(trayOf(reduce(state, { type: "dropped", id: "a" }), id)), ["c"])
  })

  it("knows how far each file is", () => {
    const failed: Action = { type: "uploading", id: "c", change: { progress: { _tag: "Failed", reason: "No room." } } }
    const state = play(chosen("a"), chosen("c"), there("a"), failed)
    assert.isTrue(anyFailed(trayOf(state, id)))
    assert.isFalse(allThere(trayOf(state, id)))
    assert.isTrue(allThere(trayOf(reduce(state, there("c")), id)))
    assert.isFalse(allThere([]))
  })
})

describe("a message with files", () => {
  it("takes what is in the tray with it, and what is chosen later is for the next one", () => {
    const state = play(chosen("a"), chosen("b", "group:g"), { type: "sealed", pending }, chosen("c"), there("a"))
    assert.deepStrictEqual(ids(uploadsOf(state, "m1")), ["a"])
    assert.deepStrictEqual(ids(trayOf(state, id)), ["c"])
    assert.deepStrictEqual(attachmentsOf(uploadsOf(state, "m1")), [
      { file: "file-a", name: "a.png", type: "image/png", size: 100, width: 4, height: 3 }
    ])
  })

  it("is shown with them from the moment on when it is on its way, and in the list", () => {
    const waiting = play(chosen("a"), { type: "sealed", pending: { ...pending, text: "" } }, there("a"))
    // It is there, as the next line would fail without it.
    assert.strictEqual(previewOf(waiting.conversations[id] ?? ({} as never), waiting.pending, waiting).text, "Files")
    const attachments = attachmentsOf(uploadsOf(waiting, "m1"))
    const message = { id: "m1", target: { recipient: "bob" }, text: "", at: 5_000, attachments }
    const said = reduce(waiting, { type: "event", event: { type: "pending", message } as ChatEvent })
    assert.deepStrictEqual(said.uploads, [])
    assert.lengthOf(said.pending, 1)
    assert.isUndefined(said.pending[0]!.uploading)
    assert.strictEqual(filesOf(said.pending[0]!)[0]?.name, "a.png")
    assert.strictEqual(previewOf(said.conversations[id]!, said.pending, said).text, "Picture")
  })

  it("that is given up gives up its files", () => {
    const state = play(chosen("a"), { type: "sealed", pending }, chosen("c"), { type: "discarded", id: "m1" })
    assert.deepStrictEqual([ids(state.uploads), state.pending], [["c"], []])
  })

  it("of an earlier page, which said less of its files, can be shown", () => {
    assert.deepStrictEqual(filesOf({ ...pending, attachments: [{ file: "f1" }] }), [
      // Its id has no brand.
      { file: "f1", name: "file", size: 0, type: "" } as never
    ])
  })
})
