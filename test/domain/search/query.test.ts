/** What is asked for, and where it stands. */
import { assert, describe, it } from "@effect/vitest"
import { match, parseQuery } from "../../../src/domain/search/query.ts"

const marked = (query: string, text: string, names: ReadonlyArray<string> = []) =>
  match(parseQuery(query), text, names)?.map(([from, to]) => text.slice(from, to))

describe("a query", () => {
  it("finds all of its words, anywhere, by their beginning", () => {
    assert.deepStrictEqual(marked("te gre", "Green tea, green teapots"), ["Green", "tea", "green", "teapots"])
    assert.isUndefined(marked("tea coffee", "Green tea"))
    assert.isUndefined(marked("ea", "Green tea"))
  })

  it("finds what is in quotes whole and one after the other, and an open quote goes to the end", () => {
    assert.deepStrictEqual(marked("\"green tea\"", "tea green tea"), ["green tea"])
    assert.isUndefined(marked("\"green te\"", "green tea"))
    assert.deepStrictEqual(marked("cup \"green tea", "a cup of green, tea"), ["cup", "green, tea"])
    assert.deepStrictEqual(marked("\"\" tea \"", "tea"), ["tea"])
  })

  it("finds neighbours of a script without spaces", () => {
    assert.deepStrictEqual(marked("東京都", "大東京都市"), ["東京都"])
    assert.isUndefined(marked("東京都", "東京と京都"))
    assert.deepStrictEqual(marked("\"東京 に\"", "東京 に"), ["東京 に"])
    assert.deepStrictEqual(marked("\"は東京\"", "今日は東京都に"), ["は東京"])
    assert.deepStrictEqual(marked("京", "東京都"), ["京都"])
    assert.deepStrictEqual(marked("都", "東京都"), ["都"])
  })

  it("has no operators", () => {
    for (const query of ["-tea", "tea*", "NOT:tea", "(tea", "tea)", "^tea", "+tea"]) {
      assert.strictEqual(marked(query, "not a tea") !== undefined, true, query)
    }
    assert.isUndefined(marked("coffee OR tea", "tea"))
    assert.deepStrictEqual(parseQuery("* % _ \\ ( ) -").terms, [])
  })

  it("finds a term in the text or in the name of a file, whole terms in one of them", () => {
    assert.deepStrictEqual(marked("budget report", "the budget", ["Report 2026.pdf"]), ["budget"])
    assert.deepStrictEqual(marked("pdf", "", ["Report 2026.pdf"]), [])
    assert.isUndefined(marked("\"budget report\"", "the budget", ["report.pdf"]))
    assert.isUndefined(marked("\"a b\"", "", ["a", "b"]))
  })

  it("overlapping places are marked once", () => {
    assert.deepStrictEqual(match(parseQuery("tea \"tea tea\""), "tea tea tea"), [[0, 11]])
  })
})
