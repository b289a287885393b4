/** Code in colours: all of it, as it is. */
import { assert, describe, it } from "@effect/vitest"
import { piecesOf } from "../../../../src/web/text/highlight/highlight.ts"
import { highlight, mostHighlighted } from "../../../../src/web/text/highlight/index.ts"
import { cpuMillis } from "../../../support/cpuTime.ts"

describe("code in colours", () => {
  it("is the same code, with what it is", () => {
    const code = "const a: string = `b ${1 + 2}` // <b>\nexport class C {}\n"
    const pieces = piecesOf(code, "ts")!
    assert.strictEqual(pieces.map(({ text }) => text).join(""), code)
    const kinds = new Map(pieces.map(({ kind, text }) => [text, kind]))
    assert.strictEqual(kinds.get("const"), "keyword")
    assert.strictEqual(kinds.get("1"), "number")
    assert.strictEqual(kinds.get("// <b>"), "comment")
  })

  it.each(["ts", "js", "py", "rs", "sh", "yml", "html", "c++", "c#", "json", "go", "toml", "docker"])(
    "knows %s",
    (language) => {
      assert.isDefined(piecesOf("a", language))
    }
  )

  it("of no such language, or too long, has none", async () => {
    assert.isUndefined(piecesOf("a", "klingon"))
    assert.isUndefined(piecesOf("a", "constructor"))
    assert.isUndefined(await highlight("a".repeat(mostHighlighted + 1), "ts"))
  })

  it("is not looked at for long, whatever it is", () => {
    for (const piece of ["{", "<", "\"", "/*", "`${", "(((", "a.b.", "#include <", "\\", "<a b='", "1e", "- "]) {
      for (const language of ["ts", "html", "cpp", "py", "yaml", "sql", "sh", "md"]) {
        const taken = cpuMillis(() => void piecesOf(piece.repeat(mostHighlighted / piece.length), language))
        assert.isBelow(taken, 5_000, `${piece} in ${language}`)
      }
    }
  })
})
