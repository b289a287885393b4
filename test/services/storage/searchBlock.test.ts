/** What is written into a block comes out of it, in the order of the database. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { BlockWords, encodeRow, orderOf, readWords } from "../../../src/services/storage/searchBlock.ts"
import {
  blockOfPart,
  type BlockText,
  bytesOf,
  numbersIn,
  partId,
  partIn,
  partsOf,
  placeOfPart
} from "../../../src/services/storage/searchBlockTexts.ts"

const int = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))

const said = Schema.Array(Schema.Struct({
  word: Schema.Literals(["a", "aa", "b", "é", "京都", "\uE000file", "\u{10330}", "z".repeat(300)]),
  place: int(70_000)
}))

describe("a block of the index", () => {
  it.effect.prop("has each word with its places, and none beside", [said], ([pairs]) =>
    Effect.sync(() => {
      const block = new BlockWords()
      const expected = new Map<string, Set<number>>()
      for (const { place, word } of pairs.toSorted((a, b) => a.place - b.place)) {
        block.add(word, place)
        expected.set(word, (expected.get(word) ?? new Set()).add(place))
      }
      const rows = block.rows()
      const words = rows.flatMap((row) => row.words.split(" "))
      assert.deepStrictEqual(words, words.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
      assert.deepStrictEqual(new Set(words), new Set(expected.keys()))
      for (const [word, places] of expected) {
        const found: Array<number> = []
        for (const row of rows) {
          assert.strictEqual(row.word, row.words.split(" ")[0])
          readWords(row, (each) => each === word, (place) => found.push(place))
        }
        assert.deepStrictEqual(found, Array.from(places))
      }
    }))

  it("a row without some of its places is one row, and without all of them none", () => {
    const block = new BlockWords()
    for (let place = 0; place < 2_000; place++) {
      block.add("common", place)
      block.add(`word${place % 90}`, place)
    }
    for (const row of block.rows()) {
      const half = new Map<string, Array<number>>()
      readWords(row, () => true, (place, word) => {
        if (place % 3 !== 0) half.set(word, [...(half.get(word) ?? []), place])
      })
      const left = encodeRow(half)
      assert.strictEqual(left?.words, Array.from(half.keys()).join(" ") || undefined)
    }
    assert.strictEqual(encodeRow(new Map()), undefined)
  })

  it("texts come back from their parts as they were, and say where they stand", () => {
    const texts = Array.from({ length: 1_000 }, (_, i) => ({
      number: 4_000_000_000 + i,
      seq: 7 * i,
      at: 1_790_000_000_123 * (i % 2 === 0 ? 1 : -1)
    }))
    const found: Array<Omit<BlockText, "sender">> = []
    for (const [index, bytes] of partsOf(texts).entries()) {
      const id = partId(77, index)
      assert.strictEqual(blockOfPart(id), 77)
      assert.strictEqual(placeOfPart(id), found.length)
      const { ats, numbers, seqs } = partIn(bytes)
      for (let i = 0; i < ats.length; i++) found.push({ number: numbers[i]!, seq: seqs[i]!, at: ats[i]! })
    }
    assert.deepStrictEqual(found, texts)
    const senders = Uint32Array.from([1, 4_000_000_000])
    assert.deepStrictEqual(numbersIn(bytesOf(senders)), senders)
  })

  it("words are in the order of the database", () => {
    const words = ["a", "aa", "é", "京", "\uE000file", "\uFFFDz", "\u{10330}", "\u{10330}a", "a\u{10330}", "a\uFFFD"]
    assert.deepStrictEqual(
      words.toSorted((a, b) => orderOf(a) < orderOf(b) ? -1 : 1),
      words.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    )
  })
})
