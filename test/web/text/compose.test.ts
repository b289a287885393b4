/** What keys do to a text while it is written. */
import { assert, describe, it } from "@effect/vitest"
import { emojiAt, isInCode, wrapped } from "../../../src/web/text/compose.ts"

/** The text afterwards, with the selection in brackets. */
const after = (text: string, from: number, to: number, key: string): string | undefined => {
  const change = wrapped(text, from, to, key)
  if (change === undefined) return undefined
  const next = text.slice(0, change.from) + change.insert + text.slice(change.to)
  const [start, end] = change.select
  return `${next.slice(0, start)}[${next.slice(start, end)}]${next.slice(end)}`
}

describe("keys", () => {
  it("put marks around what is selected, and take them away", () => {
    assert.strictEqual(after("a word", 2, 6, "b"), "a **[word]**")
    assert.strictEqual(after("a **word**", 4, 8, "b"), "a [word]")
    assert.strictEqual(after("a **word**", 2, 10, "b"), "a [word]")
    assert.strictEqual(after("a ", 2, 2, "i"), "a _[]_")
    assert.strictEqual(after("x", 0, 1, "e"), "`[x]`")
    assert.isUndefined(after("x", 0, 1, "k"))
  })

  it("know where a block of code is", () => {
    assert.deepStrictEqual(
      ["```", "```ts\na", "a\n```\nb\n```", "`a`", "a ```"].map((text) => isInCode(text, text.length)),
      [
        true,
        true,
        false,
        false,
        true
      ]
    )
  })
})

describe("the name of an emoji", () => {
  it("is what stands after a colon that begins a word", () => {
    assert.deepStrictEqual(emojiAt("so :smi", 7), { from: 3, query: "smi" })
    assert.deepStrictEqual(emojiAt(":+1", 3), { from: 0, query: "+1" })
    assert.deepStrictEqual(emojiAt("(:käse", 6), { from: 1, query: "käse" })
    for (const text of ["12:30", "http://x", "a:smi", ":", ":)", ":s", "```\n:smi", ":smi ", "::smile"]) {
      assert.isUndefined(emojiAt(text, text.length), text)
    }
  })
})
