/** All emoji, found by their names. */
import { assert, describe, it } from "@effect/vitest"
import german from "emojibase-data/de/compact.json" with { type: "json" }
import english from "emojibase-data/en/compact.json" with { type: "json" }
import codes from "emojibase-data/en/shortcodes/github.json" with { type: "json" }
import { emojiOf, find, toned, tones } from "../../../src/web/emoji/list.ts"

const en = emojiOf(english, codes)
const de = emojiOf(german, codes)
const found = (list: typeof en, query: string) => find(list, query, 5).map(({ unicode }) => unicode)

describe("emoji", () => {
  it("are all there, each once, in groups that have names", () => {
    assert.isAbove(en.length, 1_800)
    assert.strictEqual(new Set(en.map(({ unicode }) => unicode)).size, en.length)
    assert.deepStrictEqual(de.map(({ unicode }) => unicode), en.map(({ unicode }) => unicode))
  })

  it("are found by the beginnings of their words, in each language, their own name first", () => {
    assert.strictEqual(found(en, "tada")[0], "🎉")
    assert.strictEqual(found(en, "+1")[0], "👍")
    assert.strictEqual(found(en, "pizza")[0], "🍕")
    assert.include(found(en, "wav ha"), "👋")
    assert.include(found(de, "katze"), "🐈")
    assert.include(found(de, "Käse"), "🧀")
    assert.strictEqual(found(de, "tada")[0], "🎉")
    for (const query of ["", " ", ":", "zzzz", "constructor"]) assert.deepStrictEqual(found(en, query), [], query)
  })

  it("have the tones that they come in", () => {
    for (const { skins = [], unicode } of english) {
      // A tone stands where that would.
      const known = new Set(skins.map(({ unicode }) => unicode))
      if (known.size > 0) { for (const tone of tones.slice(1)) assert.include(known, toned(unicode, tone), unicode) }
      else for (const tone of tones) assert.strictEqual(toned(unicode, tone), unicode)
    }
  })
})
