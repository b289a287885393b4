/** User text is text; only http and https addresses are links. */
import { assert, describe, it } from "@effect/vitest"
import { piecesOf } from "../../../src/web/text/links.ts"

const links = (text: string) => piecesOf(text).flatMap((piece) => piece.kind === "link" ? [piece.href] : [])

describe("links", () => {
  it("takes http and https, and leaves what is around them", () => {
    assert.deepStrictEqual(piecesOf("see https://example.org/a?b=c#d, and http://x.test."), [
      { kind: "text", text: "see " },
      { kind: "link", text: "https://example.org/a?b=c#d", href: "https://example.org/a?b=c#d" },
      { kind: "text", text: ", and " },
      { kind: "link", text: "http://x.test", href: "http://x.test/" },
      { kind: "text", text: "." }
    ])
  })

  it("keeps brackets that belong to the address, and no others", () => {
    assert.deepStrictEqual(links("(https://example.org/a_(b))"), ["https://example.org/a_(b)"])
    assert.deepStrictEqual(links("[https://example.org/]"), ["https://example.org/"])
  })

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://example.org/",
    "//example.org",
    "http:// example.org",
    "https://",
    "https://.",
    "<img src=x onerror=alert(1)>",
    "java\nscript:alert(1)"
  ])("no link in %j", (text) => {
    assert.deepStrictEqual(piecesOf(text), [{ kind: "text", text }])
  })

  it("never loses or adds a character", () => {
    for (const text of ["", "a", "https://a.b", " https://a.b ", "x https://a.b\"c https://d.e…", "https://a.b/👩‍👩‍👧"]) {
      assert.strictEqual(piecesOf(text).map((piece) => piece.text).join(""), text)
    }
  })

  it("takes no longer for hostile texts: as long as they are, and not the square of it", () => {
    // So many that whoever looks at each twice for each would not be ready before the test is given up.
    const many = 1_000_000
    for (const text of [")".repeat(many), `${"(".repeat(many)}${")".repeat(many)}`, "https://".repeat(many / 8)]) {
      assert.lengthOf(links(`https://a.b/${text}`), 1)
    }
  })
})

describe("code", () => {
  it("is what stands between backquotes, and no link", () => {
    assert.deepStrictEqual(piecesOf("run `npm ci` and see https://example.org/"), [
      { kind: "text", text: "run " },
      { kind: "code", text: "npm ci" },
      { kind: "text", text: " and see " },
      { kind: "link", text: "https://example.org/", href: "https://example.org/" }
    ])
    assert.deepStrictEqual(piecesOf("```ts\nconst a = `b`\nhttps://example.org/\n```\nso"), [
      { kind: "block", text: "const a = `b`\nhttps://example.org/" },
      { kind: "text", text: "so" }
    ])
    assert.deepStrictEqual(piecesOf("```one line```"), [{ kind: "block", text: "one line" }])
  })

  it("that never ends is text, and so are backquotes around nothing", () => {
    for (const text of ["a ` b", "```", "``` ```", "``", "```\nnever closed", "`a\nb`"]) {
      assert.deepStrictEqual(piecesOf(text), [{ kind: "text", text }], text)
    }
  })
})
