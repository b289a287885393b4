/** Texts with the words marked that were looked for. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { partsOf } from "../../../src/web/text/found.ts"

const marked = (text: string, ...ranges: ReadonlyArray<readonly [number, number]>) =>
  partsOf(text, ranges).map((part) => part.marked ? `[${part.text}]` : part.text).join("")

describe("what was found", () => {
  it("is marked where it is", () => {
    assert.strictEqual(marked("the ferry is late", [4, 9]), "the [ferry] is late")
    assert.strictEqual(marked("ferry ferry", [0, 5], [6, 11]), "[ferry] [ferry]")
    assert.strictEqual(marked("no words"), "no words")
  })

  it("is cut to where it was found, with room before it", () => {
    const text = `${"before ".repeat(100)}ferry${" after".repeat(100)}`
    const shown = marked(text, [700, 705])
    assert.match(shown, /^….*before \[ferry\] after.*…$/)
    assert.isAtMost(shown.length, 250)
  })

  it("does not tear characters apart, nor believe ranges that cannot be", () => {
    assert.strictEqual(marked("👩‍👩‍👧 family", [1, 2]), "[👩]‍👩‍👧 family")
    assert.strictEqual(marked("abc", [2, 1], [-5, 2], [0, 1], [1, 99]), "[a][bc]")
  })

  const edge = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: -2, maximum: 60 })))
  it.prop(
    "whatever the ranges, the text stays what it was",
    [Schema.String.pipe(Schema.check(Schema.isMaxLength(40))), Schema.Array(Schema.Tuple([edge, edge]))],
    ([text, ranges]) => {
      const shown = partsOf(text, ranges).map((part) => part.text)
      if (text.isWellFormed()) assert.isTrue(shown.every((part) => part.isWellFormed()))
      const words = (text: string) => text.split(/\s+/).filter((word) => word !== "").join("")
      assert.strictEqual(words(shown.join("")), words(text))
    }
  )
})
