/** Pages and live entries in any order come to the same log. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry } from "../../../src/domain/Entry.ts"
import { emptyConversation } from "../../../src/web/state/conversations.ts"
import { addEntry, addPage, itemAt } from "../../../src/web/state/log.ts"
import type { Conversation, TextItem } from "../../../src/web/state/model.ts"

const common = (seq: number, sender: string) => ({ seq, sender, at: 1_000 + seq, message_id: `m${seq}` })
const text = (seq: number, words = `text ${seq}`, more: object = {}) =>
  ({ kind: "text", ...common(seq, "bob"), text: words, ...more }) as Entry
const edit = (seq: number, target: number, words: string) =>
  ({ kind: "edit", ...common(seq, "bob"), target, text: words }) as Entry
const remove = (seq: number, target: number) => ({ kind: "delete", ...common(seq, "bob"), target }) as Entry
const react = (seq: number, target: number, emoji: string, sender = "bob", off = false) =>
  ({ kind: "reaction", ...common(seq, sender), target, emoji, ...(off ? { remove: true } : {}) }) as Entry

const empty = emptyConversation("dm:alice:bob", "alice")
const page = (...messages: ReadonlyArray<Entry>) => ({
  messages,
  has_more: (messages[0]?.seq ?? 1) > 1,
  head_seq: messages.at(-1)?.seq ?? 0
})
const live = (before: Conversation, ...entries: ReadonlyArray<Entry>) => entries.reduce(addEntry, before)
const seqs = (conversation: Conversation) => conversation.items.map(({ seq }) => seq)
const textAt = (conversation: Conversation, seq: number) => itemAt(conversation.items, seq) as TextItem

describe("the log of a conversation", () => {
  it("grows upwards by pages and downwards by what comes live", () => {
    const tail = addPage(empty, page(text(4), text(5), text(6)))
    const more = live(addPage(tail, page(text(2), text(3))), text(7), text(8))
    assert.deepStrictEqual(seqs(more), [2, 3, 4, 5, 6, 7, 8])
    assert.deepStrictEqual([more.low, more.high, more.head, more.hasMore], [2, 8, 8, true])
    assert.isFalse(addPage(more, page(text(1))).hasMore)
  })

  it("shows an entry once, whether it comes live, in a page or both", () => {
    const both = addPage(live(empty, text(3), text(4)), page(text(1), text(2), text(3), text(4), text(5)))
    assert.deepStrictEqual(seqs(live(both, text(4), text(5))), [1, 2, 3, 4, 5])
  })

  it("drops old entries that are pushed again below what is held; the history brings them", () => {
    const tail = addPage(empty, page(text(50), text(51)))
    const replayed = live(tail, text(1), text(2))
    assert.deepStrictEqual(seqs(replayed), [50, 51])
    assert.deepStrictEqual([replayed.low, replayed.hasMore], [50, true])
  })

  it("a last page that does not touch what is held takes its place", () => {
    const replaced = addPage(live(empty, text(1), text(2)), page(text(50), text(51)))
    assert.deepStrictEqual(seqs(replaced), [50, 51])
    assert.deepStrictEqual([replaced.low, replaced.high, replaced.hasMore], [50, 51, true])
  })

  it("an older page that does not touch what is held is of no use", () => {
    const tail = addPage(empty, page(text(50), text(51)))
    assert.strictEqual(addPage(tail, page(text(2), text(3))), tail)
  })

  it("an empty page is the beginning", () => {
    assert.isFalse(addPage({ ...empty, hasMore: true }, page()).hasMore)
  })

  it("edits and deletes change the text that they are about, and take a place of their own", () => {
    const edited = live(empty, text(1), edit(2, 1, "better"))
    assert.deepStrictEqual([textAt(edited, 1).text, textAt(edited, 1).edited_at, edited.high], ["better", 1_002, 2])
    const deleted = live(edited, remove(3, 1))
    assert.deepStrictEqual([textAt(deleted, 1).text, textAt(deleted, 1).deleted], ["", true])
    assert.strictEqual(textAt(live(deleted, edit(4, 1, "too late")), 1).text, "")
  })

  it("an edit that overtakes the page which was read before it is not lost", () => {
    const stale = addPage(live(empty, edit(3, 1, "new")), page(text(1, "old"), text(2), edit(3, 1, "new")))
    assert.strictEqual(textAt(stale, 1).text, "new")
    const fresh = addPage(live(empty, edit(3, 1, "new")), page(text(1, "newer", { edited_at: 2_000 }), text(2)))
    assert.strictEqual(textAt(fresh, 1).text, "newer")
  })

  it("reactions count the last word of each user, whichever page it is learnt from", () => {
    const newest = addPage(empty, page(text(10), react(11, 5, "👍", "bob", true), react(12, 5, "🎉", "carol")))
    const older = addPage(newest, page(text(5), react(6, 5, "👍", "bob"), react(7, 5, "👍", "carol"), text(9)))
    assert.deepStrictEqual(textAt(older, 5).reactions, [
      { emoji: "👍", users: ["carol"] },
      { emoji: "🎉", users: ["carol"] }
    ])
    assert.deepStrictEqual(textAt(live(older, react(13, 5, "👍", "carol", true)), 5).reactions, [
      { emoji: "🎉", users: ["carol"] }
    ])
  })

  it("a deleted message has no reactions", () => {
    const conversation = live(empty, text(1), react(2, 1, "👍"), remove(3, 1), react(4, 1, "🎉"))
    assert.deepStrictEqual(textAt(conversation, 1).reactions, [])
  })

  it("what was built from pushes equals what the history says", () => {
    const entries = [text(1), text(2), react(3, 1, "👍"), edit(4, 2, "two"), remove(5, 1), text(6), react(7, 6, "👀")]
    const history = [
      { kind: "text", ...common(1, "bob"), deleted: true } as Entry,
      text(2, "two", { edited_at: 1_004 }),
      ...entries.slice(2)
    ]
    const pushed = live(empty, ...entries)
    const paged = addPage(addPage(empty, page(...history.slice(3))), page(...history.slice(0, 3)))
    assert.deepStrictEqual(paged.items, pushed.items)
    assert.deepStrictEqual([paged.low, paged.high, paged.head], [pushed.low, pushed.high, pushed.head])
  })
})
