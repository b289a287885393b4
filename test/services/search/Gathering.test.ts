/** P8 P9: what of a store's pages becomes an answer, and where the next one begins. */
import { assert, describe, it } from "@effect/vitest"
import type { TextEntry } from "../../../src/domain/entries/Text.ts"
import { ConversationId, FileId, MessageId, UserId } from "../../../src/domain/Ids.ts"
import { parseQuery } from "../../../src/domain/search/query.ts"
import type { SearchPlace } from "../../../src/domain/search/SearchCursor.ts"
import { Gathering, type GatheringOptions, maxRanges } from "../../../src/services/search/Gathering.ts"
import type { Found, SearchPage } from "../../../src/services/storage/Search.ts"

const conversation = ConversationId.make("dm:alice:bob")

const entry = (seq: number, more: Partial<TextEntry> = {}): Found => ({
  conversation,
  entry: {
    kind: "text",
    seq,
    message_id: MessageId.make(`m${seq}`),
    sender: UserId.make("bob"),
    at: seq,
    text: `tea ${seq}`,
    ...more
  }
})

const at = (seq: number): SearchPlace => ({ at: seq, conversation, seq })

const gathering = (options: Partial<GatheringOptions> = {}, from?: SearchPlace) =>
  new Gathering({
    query: parseQuery("tea"),
    limit: 10,
    bytes: 10_000,
    blocks: undefined,
    sign: (entry) => entry,
    ...options
  }, from)

const seqs = ({ hits }: Gathering) => hits.map(({ seq }) => seq)

describe("Gathering", () => {
  it("goes on where a page ended, and ends with the last", () => {
    const one = gathering()
    assert.isTrue(one.add({ found: [entry(9)], next: at(9) }))
    assert.deepStrictEqual(one.next, at(9))
    assert.isTrue(one.add({ found: [], next: at(5) }))
    assert.deepStrictEqual(one.next, at(5))
    assert.isFalse(one.add({ found: [entry(3)] }))
    assert.isUndefined(one.next)
    assert.deepStrictEqual(seqs(one), [9, 3])
  })

  it("is full at its limit: the next answer begins behind the last hit, unless that was all", () => {
    const more = gathering({ limit: 2 })
    assert.isFalse(more.add({ found: [entry(9), entry(8), entry(7)], next: at(7) }))
    assert.deepStrictEqual([seqs(more), more.next], [[9, 8], at(8)])
    const all = gathering({ limit: 2 })
    assert.isFalse(all.add({ found: [entry(9), entry(8)] }))
    assert.deepStrictEqual([seqs(all), all.next], [[9, 8], undefined])
  })

  it("has no more bytes than it may, but one hit whatever that has", () => {
    const long = entry(9, { text: `tea ${"x".repeat(20_000)}` })
    const full = gathering({ bytes: 500 })
    assert.isFalse(full.add({ found: [long, entry(8)] }))
    assert.deepStrictEqual([seqs(full), full.next], [[9], at(9)])
    const later = gathering({ bytes: 500 })
    assert.isFalse(later.add({ found: [entry(10), long] }))
    assert.deepStrictEqual([seqs(later), later.next], [[10], at(10)])
  })

  it("counts the links and the ranges as bytes, too", () => {
    const attachments = [{
      file: FileId.make("f"),
      name: "tea.png",
      type: "image/png",
      size: 1,
      preview: "x".repeat(2_000)
    }]
    const page: SearchPage = { found: [entry(9, { attachments }), entry(8, { attachments })] }
    const full = gathering({ bytes: 3_000 })
    assert.isFalse(full.add(page))
    assert.deepStrictEqual(seqs(full), [9])
    const many = gathering({ query: parseQuery("t") })
    many.add({ found: [entry(9, { text: "t ".repeat(8_000) })] })
    assert.lengthOf(many.hits[0]!.ranges, maxRanges)
  })

  it("what its reader would be shown without its words is no hit, and is passed", () => {
    const withheld = new Set([9, 7])
    const reader = gathering({ limit: 2, blocks: { withholds: ({ at }) => withheld.has(at) } })
    const edited = entry(8, { edited_at: 9 })
    assert.isTrue(reader.add({ found: [entry(9), edited, entry(7)], next: at(7) }))
    assert.deepStrictEqual([seqs(reader), reader.next], [[], at(7)])
    assert.isFalse(reader.add({ found: [entry(6), entry(5)], next: at(5) }))
    assert.deepStrictEqual(seqs(reader), [6, 5])
  })

  it("a store that does not go on has come to its end", () => {
    const again = gathering({}, at(9))
    assert.isFalse(again.add({ found: [], next: at(9) }))
    assert.isUndefined(again.next)
    const back = gathering({}, at(9))
    assert.isFalse(back.add({ found: [], next: at(10) }))
    assert.isUndefined(back.next)
  })

  it("marks where the text has what was looked for; what was found by a file's name alone has no mark", () => {
    const one = gathering()
    const attachments = [{ file: FileId.make("f"), name: "tea.png", type: "image/png", size: 1 }]
    one.add({ found: [entry(9, { text: "no TÉA here" }), entry(8, { text: "look", attachments })] })
    assert.deepStrictEqual(one.hits.map(({ ranges }) => ranges), [[[3, 6]], []])
  })
})
