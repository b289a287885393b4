/** Which language the page speaks. */
import { assert, describe, it } from "@effect/vitest"
import { firstOf, languages, nameOf } from "../../../src/web/app/language.ts"
import { words as de } from "../../../src/web/words/de.ts"

describe("the language of the page", () => {
  it("is the first of those that somebody reads, or English", () => {
    assert.strictEqual(firstOf(["de-AT", "en"]), "de")
    assert.strictEqual(firstOf(["fr-FR", "de"]), "de")
    assert.strictEqual(firstOf(["en-GB", "de"]), "en")
    assert.strictEqual(firstOf(["zh", "constructor"]), "en")
    assert.strictEqual(firstOf([undefined, 5]), "en")
  })

  it("are the files that there are, each as it calls itself", () => {
    assert.deepStrictEqual(languages.map(nameOf), ["English", "Deutsch"])
    assert.strictEqual(de.locale, "de")
  })
})
