/** What is read in a text, and that all the rest of it stays as it was typed. */
import { assert, describe, it } from "@effect/vitest"
import { type Block, type Inline, textOf } from "../../../../src/web/text/format/blocks.ts"
import { format } from "../../../../src/web/text/format/format.ts"
import { random, seed } from "../../../fuzz/mutate.ts"
import { cpuMillis } from "../../../support/cpuTime.ts"

const text = (text: string): Inline => ({ kind: "text", text })
const lines = (...parts: ReadonlyArray<Inline | string>): Block => ({
  kind: "lines",
  parts: parts.map((part) => typeof part === "string" ? text(part) : part)
})
const marked = (kind: "bold" | "italic" | "struck", ...parts: ReadonlyArray<Inline | string>): Inline => ({
  kind,
  parts: parts.map((part) => typeof part === "string" ? text(part) : part)
})
const code = (text: string): Inline => ({ kind: "code", text })

const everyPart = (blocks: ReadonlyArray<Block>): ReadonlyArray<Inline> => {
  const within = (part: Inline): ReadonlyArray<Inline> => "parts" in part ? part.parts.flatMap(within) : [part]
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case "lines":
        return block.parts.flatMap(within)
      case "quote":
        return everyPart(block.blocks)
      case "list":
        return block.items.flatMap(everyPart)
      case "code":
        return []
    }
  })
}
const links = (text: string) => everyPart(format(text)).flatMap((part) => part.kind === "link" ? [part.href] : [])
const linkTexts = (text: string) => everyPart(format(text)).flatMap((part) => part.kind === "link" ? [part.text] : [])

describe("marks", () => {
  it.each<readonly [string, ReadonlyArray<Block>]>([
    ["**a** *b* _c_ ~~d~~ `e`", [
      lines(
        marked("bold", "a"),
        " ",
        marked("italic", "b"),
        " ",
        marked("italic", "c"),
        " ",
        marked("struck", "d"),
        " ",
        code("e")
      )
    ]],
    ["**a *b* c**", [lines(marked("bold", "a ", marked("italic", "b"), " c"))]],
    ["日本**太字**です", [lines("日本", marked("bold", "太字"), "です")]],
    ["> said\nanswered", [{ kind: "quote", blocks: [lines("said")] }, lines("answered")]],
    ["two:\n- a\n- b\n  - c\nso", [
      lines("two:"),
      { kind: "list", items: [[lines("a")], [lines("b"), { kind: "list", items: [[lines("c")]] }]] },
      lines("so")
    ]],
    ["3. a\n4. b", [{ kind: "list", start: 3, items: [[lines("a")], [lines("b")]] }]],
    ["```ts\nconst a = `b`\nhttps://example.org/\n```\nso", [
      { kind: "code", text: "const a = `b`\nhttps://example.org/", language: "ts" },
      lines("so")
    ]],
    ["see ```one line``` there", [lines("see "), { kind: "code", text: "one line" }, lines(" there")]],
    ["> ```js\n> a\n> ```", [{ kind: "quote", blocks: [{ kind: "code", text: "a", language: "js" }] }]]
  ])("%j", (typed, blocks) => {
    assert.deepStrictEqual(format(typed), blocks)
  })

  it.each([
    "2*3*4 = 24, snake_case_name",
    "¯\\_(ツ)_/¯",
    "\\\\server\\share",
    "# no heading",
    "![no picture](x)",
    "| no | table |",
    "<b>no HTML</b> &amp; &lt;",
    "a ` b",
    "```",
    "``` ```",
    "```\nnever closed",
    "`a\nb`",
    "- ",
    "* * *",
    "----",
    "1986. A year",
    "a\nb\n\n\nc\n",
    "  a space\n    and more",
    "**",
    "** a **",
    "~a~",
    ""
  ])("%j is as it was typed", (typed) => {
    assert.deepStrictEqual(everyPart(format(typed)).filter(({ kind }) => kind !== "text"), [])
    assert.strictEqual(textOf(format(typed)), typed)
  })

  it("that are written with a backslash are letters", () => {
    assert.deepStrictEqual(format("\\*a\\* \\`b\\`"), [lines("*a* `b`")])
  })
})

describe("links", () => {
  it("are addresses, with a scheme and without", () => {
    assert.deepStrictEqual(
      format("see https://example.org/a?b=c#d, http://x.test or example.com/a, write to bob@x.org."),
      [
        lines(
          "see ",
          { kind: "link", text: "https://example.org/a?b=c#d", href: "https://example.org/a?b=c#d" },
          ", ",
          { kind: "link", text: "http://x.test", href: "http://x.test/" },
          " or ",
          { kind: "link", text: "example.com/a", href: "https://example.com/a" },
          ", write to ",
          { kind: "link", text: "bob@x.org", href: "mailto:bob@x.org" },
          "."
        )
      ]
    )
  })

  it("keep brackets and underscores that belong to them, and no others", () => {
    assert.deepStrictEqual(links("(https://example.org/a_(b))"), ["https://example.org/a_(b)"])
    assert.deepStrictEqual(links("[https://example.org/]"), ["https://example.org/"])
    assert.deepStrictEqual(links("_https://example.org/a_b_c"), ["https://example.org/a_b_c"])
  })

  it("say where they go: words in the place of an address are shown beside it", () => {
    assert.deepStrictEqual(linkTexts("[my bank](https://example.org/)"), ["https://example.org/"])
  })

  it("are named as machines name them where their letters are like others", () => {
    assert.deepStrictEqual(
      linkTexts("https://gооgle.com/x http://аррӏе.com http://bücher.example http://пример.example"),
      [
        "https://xn--ggle-55da.com/x",
        "http://xn--80ak6aa92e.com",
        "http://bücher.example",
        "http://пример.example"
      ]
    )
  })

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "[x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "ftp://example.org/",
    "//example.org",
    "http:// example",
    "https://",
    "https://.",
    "<img src=x onerror=alert(1)>",
    "[a]: javascript:alert(1)\n[a]",
    "java\nscript:alert(1)",
    "README.md and main.rs",
    "1.2.3.4 or v1.2",
    "`https://example.org`"
  ])("no link in %j", (typed) => {
    assert.deepStrictEqual(links(typed), [])
  })
})

describe("what is hostile", () => {
  const corpus = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://a.b/\"onerror=\"alert(1))",
    "![x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "https://a.b/\"onmouseover=\"alert(1)",
    "https://a.b/'><script>alert(1)</script>",
    "javascript://a.b/%0aalert(1)",
    "java\u0000script:alert(1)",
    "`<script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```\"><script>\nx\n```",
    "> <iframe src=javascript:alert(1)>",
    "- <style>*{display:none}</style>",
    "**<b onclick=alert(1)>**",
    "www.a.b\" onclick=\"alert(1)",
    "mailto:a@b.org?subject=<script>",
    "\u202ehttps://a.b/\u202d",
    "http://a.b@evil.example/",
    "&#x6A;avascript:alert(1)",
    "feed:javascript:alert(1)",
    "//evil.example/x"
  ]

  it("becomes text, or an address of one of three schemes, and nothing else", () => {
    for (const text of corpus) {
      for (const part of everyPart(format(text))) {
        assert.include(["text", "code", "link"], part.kind)
        if (part.kind === "link") assert.match(part.href, /^(https?:\/\/|mailto:)[^\s"<>]+$/, text)
      }
    }
  })

  it("names no language that is more than a word", () => {
    for (const typed of ["```\"><script>\nx\n```", "> ```<b> c\n> x\n> ```"]) {
      const [first] = format(typed)
      const block = first?.kind === "quote" ? first.blocks[0] : first
      assert.notProperty(block, "language")
      // It is there all the same.
      assert.include(textOf(format(typed)), typed.includes("<b>") ? "<b> c" : "<script>")
    }
  })
})

describe("what was typed", () => {
  /** Without marks, and without the spaces and lines that stand around them. */
  const words = (text: string) => text.replaceAll(/```ts\n|[\s*_~`>\\+-]|\d+[.)]/g, "").replaceAll("ts", "")

  it("is all there but for its marks, whatever it is", () => {
    const pieces = [
      "**",
      "*",
      "_",
      "~~",
      "`",
      "```",
      "```ts\n",
      "\n",
      "\n\n",
      "> ",
      "- ",
      "2. ",
      "  ",
      " ",
      "\\",
      "[",
      "](",
      ")",
      "<b>",
      "a",
      "word",
      "é",
      "👩‍👩‍👧",
      "https://a.b/c_d",
      "x.org",
      "bob@x.org",
      "&amp;",
      "!",
      "\t",
      "\u202e"
    ]
    const pick = random(seed)
    for (let run = 0; run < 3_000; run++) {
      const some = Array.from({ length: pick(40) }, () => pieces[pick(pieces.length)]).join("")
      // A word there would be the name of a language.
      const typed = some.replaceAll(/```(?!ts\n)(?=[ \t]*[\w+#.-]+[ \t]*\n)/g, "```! ")
      assert.strictEqual(words(textOf(format(typed))), words(typed), JSON.stringify(typed))
    }
  })

  it("takes no longer for hostile texts: what is twice as long takes not much more than twice", () => {
    const pieces = [
      ..."[ * _ ~ ` ( \\ > - @".split(" "),
      "> ",
      "- ",
      "**a ",
      "*a**",
      "`a``",
      "```\n",
      "```a\n```",
      "` `` ``` ",
      "http://",
      "www.",
      "a@b.",
      "x.com ",
      "[](",
      "~~a",
      "_a_b",
      "*_",
      "> - ",
      ">\n",
      "- a\n",
      "1. a\n ",
      "a\n\n"
    ]
    for (const piece of pieces) {
      const typed = piece.repeat(16_384 / piece.length)
      // Most take a few milliseconds; what looks at each for each would take minutes.
      assert.isBelow(cpuMillis(() => assert.isNotEmpty(format(typed))), 5_000, piece)
    }
  })

  it("of a megabyte is not looked through", () => {
    assert.deepStrictEqual(format("*a* ".repeat(250_000)), [lines("*a* ".repeat(250_000))])
  })
})
