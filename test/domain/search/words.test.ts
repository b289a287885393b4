/** Every word of a text finds it, however it is written, and what is found lies on the words. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { match, maxQuery, maxQueryWords, parseQuery } from "../../../src/domain/search/query.ts"
import { fold, maxWord, wordsOf } from "../../../src/domain/search/words.ts"

const wordsIn = (text: string) => wordsOf(text).map(({ word }) => word)
const isFound = (query: string, text: string) => match(parseQuery(query), text) !== undefined

/** What people write with, and what breaks programs. */
const letters = [
  ..."aeioumnABCXYZ0129",
  ..."éàüñçøåßẞőčžłİıſﬁﬀǆ",
  ..."e\u0301a\u0308o\u0302\u0323",
  ..."αβγςΣσάώἀὼ",
  ..."жщёйЁЙљґ",
  ..."אבגשׁלָ",
  ..."مرحباأإآَُّلاﷺـ",
  ..."नमस्तेक़किं",
  ..."ตกำที่ชั้น",
  ..."東京都々〆ヶー",
  ..."ひらがなカタカナがパ",
  "か\u3099",
  "ｶﾞ",
  "ﾊﾟ",
  ..."안녕한글",
  "\u1112\u1161\u11ab",
  ..."ຂອບပြညခမែរ",
  ..."１２Ａｂ½²ⅷ𝒜𝔟"
]
const others = [
  " ",
  "  ",
  "\n",
  ".",
  ",",
  "-",
  "'",
  "\"",
  "’",
  "—",
  "👍",
  "👩‍🚀",
  "❤️",
  "1️⃣",
  "\u200b",
  "\u200d",
  "*",
  "%",
  "\ud800",
  "\udc00",
  "_"
]

const one = (all: ReadonlyArray<string>) => Schema.Literals(all as [string, ...Array<string>])
const written = Schema.Array(Schema.Union([one(letters), one(letters), one(letters), one(others)]))

describe("the words of a text", () => {
  it("are the same without case and accents", () => {
    const same: ReadonlyArray<ReadonlyArray<string>> = [
      ["Crème Brûlée", "creme brulee", "CRE\u0300ME bru\u0302le\u0301e"],
      ["Straße", "STRASSE", "strasse", "STRAẞE"],
      ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul"],
      ["ΟΔΟΣ", "οδος", "οδός", "ὀδός"],
      ["ﬁne Ｗｉｄｅ", "fine wide", "FINE WIDE"],
      ["Ёлка Й", "елка и"],
      ["مَرْحَبًا أحمد", "مرحبا احمد", "مـــرحبا احمد"],
      ["שָׁלוֹם", "שלום"],
      ["Tiếng Việt", "tieng viet"],
      ["が ﾊﾟ 안녕", "か\u3099 パ \u110b\u1161\u11ab\u1102\u1167\u11bc"]
    ]
    for (const [first, ...rest] of same) {
      for (const other of rest) assert.deepStrictEqual(wordsIn(other), wordsIn(first!), `${first} and ${other}`)
    }
  })

  it("are not the same where marks make another letter", () => {
    assert.notDeepEqual(wordsIn("が"), wordsIn("か"))
    assert.notDeepEqual(wordsIn("नमस्ते"), wordsIn("नमसत"))
  })

  it("are told apart by spaces, or are two neighbours", () => {
    assert.deepStrictEqual(wordsIn("don't re-do 10:30, a.b@c"), ["don", "t", "re", "do", "10", "30", "a", "b", "c"])
    assert.deepStrictEqual(wordsIn("iPhone15を買った"), ["iphone15", "を買", "買っ", "った", "た"])
    assert.deepStrictEqual(wordsIn("東京 に"), ["東京", "京", "に"])
    assert.deepStrictEqual(wordsIn("안녕하"), ["안녕", "녕하", "하"])
    assert.deepStrictEqual(wordsIn("👍 !?* ❤️ \ud800"), [])
  })

  it("are cut where they are too long, and found all the same", () => {
    const long = `${"a".repeat(maxWord)}bcd`
    assert.deepStrictEqual(wordsIn(long), ["a".repeat(maxWord)])
    assert.isTrue(isFound(long, `so ${long}`))
    assert.deepStrictEqual(wordsIn("𝔞".repeat(200)), ["a".repeat(maxWord)])
  })

  it.effect.prop(
    "lie in the text, in order, and each finds it by its beginnings, in any case",
    [written],
    ([pieces]) =>
      Effect.sync(() => {
        const text = pieces.join("")
        const words = wordsOf(text)
        let before = { from: 0, to: 0 }
        for (const { from, to, word } of words) {
          assert.isTrue(from >= before.from && to > from && to <= text.length && from >= 0)
          before = { from, to }
          const surface = text.slice(from, to)
          for (const query of [surface, surface.toUpperCase(), surface.toLowerCase(), surface.normalize("NFD"), word]) {
            assert.isTrue(isFound(query, text), `${JSON.stringify(query)} in ${JSON.stringify(text)}`)
          }
          for (let end = 1; end <= word.length; end++) assert.isTrue(isFound(word.slice(0, end), text))
        }
        if (words.length > 0 && words.length <= maxQueryWords) assert.isTrue(isFound(text.replaceAll("\"", " "), text))
      })
  )

  it.effect.prop("a letter is folded alone as in its word", [written], ([pieces]) =>
    Effect.sync(() => {
      for (const piece of pieces) assert.strictEqual(fold(fold(piece)), fold(piece), JSON.stringify(piece))
    }))

  it.effect.prop("any query and any text: nothing is thrown, and what is found lies on words", [
    Schema.String,
    Schema.String,
    written
  ], ([anyQuery, anyText, pieces]) =>
    Effect.sync(() => {
      const texts = [anyText, pieces.join(""), `${pieces.join("")} ${anyText}`]
      for (const query of [anyQuery, pieces.slice(0, 3).join(""), `"${pieces.slice(1, 4).join("")}`]) {
        for (const text of texts) {
          const ends = wordsOf(text)
          let last = 0
          for (const [from, to] of match(parseQuery(query), text) ?? []) {
            assert.isTrue(from >= last && to > from)
            assert.isTrue(ends.some((word) => word.from === from) && ends.some((word) => word.to === to))
            last = to
          }
        }
      }
    }))

  it("a query is bounded, and the longest of texts is looked through in one pass", () => {
    const long = "a b\"c 東京 é ".repeat(2_000)
    const { terms } = parseQuery(long)
    assert.strictEqual(terms.reduce((sum, { words }) => sum + words.length, 0), maxQueryWords)
    assert.isTrue(maxQuery >= maxQueryWords)
    for (
      const text of [
        "a".repeat(100_000),
        "\u0301".repeat(100_000),
        "東".repeat(50_000),
        "\"".repeat(100_000),
        "a\u0301 ".repeat(40_000)
      ]
    ) {
      wordsOf(text)
      match(parseQuery(text.slice(0, maxQuery)), text)
    }
  })
})
