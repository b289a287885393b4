/** An old part of the log, where somebody went: live entries do not belong to it, and it grows into the present. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry } from "../../../src/domain/Entry.ts"
import { emptyConversation } from "../../../src/web/state/conversations.ts"
import { addEntry, addPage, addPlace } from "../../../src/web/state/log.ts"
import type { Conversation } from "../../../src/web/state/model.ts"

const common = (seq: number) => ({ seq, sender: "bob", at: 1_000 + seq, message_id: `m${seq}` })
const text = (seq: number, more: object = {}) =>
  ({ kind: "text", ...common(seq), text: `text ${seq}`, ...more }) as Entry
const head = 100
/** From one to the other, both included. */
const page = (from: number, to: number) => ({
  messages: Array.from({ length: to - from + 1 }, (_, i) => text(from + i)),
  has_more: from > 1,
  head_seq: head
})
const empty = emptyConversation("dm:alice:bob", "alice")
const tail = addPage(empty, page(91, 100))
const held = ({ items, low, high }: Conversation) => {
  assert.deepStrictEqual(items.map(({ seq }) => seq), Array.from({ length: high - low + 1 }, (_, i) => low + i))
  return [low, high]
}

describe("an old place in the log", () => {
  it("takes the place of what was held, and what was said last is still known", () => {
    const there = addPlace(tail, page(41, 60))
    assert.deepStrictEqual(held(there), [41, 60])
    assert.isTrue(there.past)
    assert.deepStrictEqual([there.head, there.last?.seq, there.hasMore], [head, 100, true])
  })

  it("is joined to what is held where they touch, and is then no other place", () => {
    for (const [from, to] of [[81, 90], [85, 95], [91, 100]] as const) {
      const there = addPlace(tail, page(from, to))
      assert.deepStrictEqual(held(there), [Math.min(from, 91), 100])
      assert.isUndefined(there.past)
    }
    assert.isUndefined(addPlace(empty, page(91, 100)).past)
  })

  it("leaves no gap for what comes live: it counts, is told as the last, and is not there", () => {
    const there = [text(101), text(102)].reduce(addEntry, addPlace(tail, page(41, 60)))
    assert.deepStrictEqual(held(there), [41, 60])
    assert.deepStrictEqual([there.head, there.last?.seq, there.lastAt], [102, 102, 1_102])
  })

  it("hears of changes to what it shows", () => {
    const change = { kind: "edit", ...common(101), target: 50, text: "changed" } as Entry
    const there = addEntry(addPlace(tail, page(41, 60)), change)
    const item = there.items.find(({ seq }) => seq === 50)
    assert.strictEqual(item?.kind === "text" ? item.text : undefined, "changed")
    assert.deepStrictEqual(held(there), [41, 60])
  })

  it("grows page by page into the present, and from then on live", () => {
    const near = addPage(addPage(addPlace(tail, page(41, 60)), page(61, 80)), page(31, 40))
    assert.deepStrictEqual([held(near), near.past], [[31, 80], true])
    const there = addPage(near, page(81, 100))
    assert.deepStrictEqual([held(there), there.past], [[31, 100], undefined])
    assert.deepStrictEqual(held(addEntry(there, text(101))), [31, 101])
  })

  it("the latest page takes its place when somebody goes back to it", () => {
    const there = addPage(addPlace(tail, page(41, 60)), page(91, 100))
    assert.deepStrictEqual([held(there), there.past], [[91, 100], undefined])
  })
})

describe("a deleted message", () => {
  const file = { file: "f1", name: "a.png", type: "image/png", size: 3, url: "/v1/files/f1/a.png" }
  it("loses its files, live and in a page that was read before", () => {
    const remove = { kind: "delete", ...common(2), target: 1 } as Entry
    const withFile = text(1, { attachments: [file] })
    const before = { messages: [withFile], has_more: false, head_seq: 1 }
    for (
      const state of [addEntry(addPage(empty, before), remove), addPage(addEntry({ ...empty, low: 1 }, remove), before)]
    ) {
      const [item] = state.items
      assert.isTrue(item?.kind === "text" && item.deleted === true && !("attachments" in item))
    }
  })
})
