/** Which names and lines may be shown, and which of them look the same. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { nameKey, ProfileName, StatusLine, tidied } from "../../src/domain/Profile.ts"
import { foldedPrefix, wordsOf } from "../../src/services/storage/profileRules.ts"

const isName = Schema.is(ProfileName)

describe("names", () => {
  it("have 1 to 64 characters as people count them", () => {
    for (const one of ["x", "👍", "👨‍👩‍👧‍👦", "🇩🇪", "é", "नि"]) {
      assert.isTrue(isName(one.repeat(64)), one)
      assert.isFalse(isName(one.repeat(65)), one)
    }
    assert.isFalse(isName(""))
    assert.isFalse(isName("a" + "\u0301".repeat(768)), "marks are bounded, too")
    assert.isTrue(Schema.is(StatusLine)("👍".repeat(100)))
    assert.isFalse(Schema.is(StatusLine)("👍".repeat(101)))
  })

  it("P9 are one line that can be seen, and turn nothing", () => {
    for (
      const bad of ["\n", "\t", "\u0000", "\u001b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\u00ad", "\u2028"]
    ) {
      assert.isFalse(isName(`a${bad}b`), JSON.stringify(bad))
    }
    for (const blank of [" ", "\u00a0", "\u3164", "\ud83d"]) assert.isFalse(isName(blank), JSON.stringify(blank))
    for (const good of ["می‌خواهم", "🏳️‍🌈", "O’Neil", "名前", "'; --", "%_"]) assert.isTrue(isName(good), good)
  })

  it("look the same whatever their case, space, forms and joiners", () => {
    for (const same of ["Anna Smith", " anna  smith ", "ＡＮＮＡ smith", "ann\u200da smith"]) {
      assert.strictEqual(nameKey(same), "anna smith", same)
    }
    assert.notStrictEqual(nameKey("Аnna"), nameKey("Anna"), "letters of another script are other letters")
  })

  it.effect.prop(
    "stay names when they are tidied, and tidying twice is tidying once",
    [ProfileName],
    ([name]) =>
      Effect.sync(() => {
        const once = tidied(name)
        assert.strictEqual(tidied(once), once)
        assert.strictEqual(nameKey(once), nameKey(name))
      })
  )

  it.effect.prop("each is found by the whole name", [ProfileName], ([name]) =>
    Effect.sync(() => {
      const words = wordsOf({ user: UserId.make("u"), name: tidied(name) })
      const prefix = foldedPrefix(name)
      // Of marks alone nothing is left without accents.
      if (prefix !== "") assert.isTrue(words.some((word) => word.startsWith(prefix)), JSON.stringify([name, words]))
      assert.isAtMost(words.length, 140)
    }))
})
