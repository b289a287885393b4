/** What is said of files, and what is never shown as more than a file. */
import { assert, describe, it } from "@effect/vitest"
import type { Attachment } from "../../../src/domain/entries/Attachment.ts"
import {
  describeFiles,
  familyOf,
  kindOf,
  nameParts,
  nameToSend,
  previewUrl,
  shownName,
  sizeOf,
  withFiles
} from "../../../src/web/text/files.ts"

const file = (type: string, more: object = {}): Attachment =>
  ({ file: "f", name: "a name.bin", type, size: 1, ...more }) as Attachment
const size = { width: 4, height: 3 }

describe("files", () => {
  it.each(
    [
      ["image/png", size, "picture"],
      ["IMAGE/JPEG; q=1", size, "picture"],
      ["image/png", {}, "file"],
      ["image/svg+xml", size, "file"],
      ["text/html", size, "file"],
      ["application/xhtml+xml", size, "file"],
      ["video/mp4", {}, "video"],
      ["audio/mpeg", {}, "audio"],
      ["application/pdf", {}, "file"],
      ["", {}, "file"],
      ["constructor", size, "file"]
    ] as const
  )("%s %j is a %s", (type, more, kind) => assert.strictEqual(kindOf(file(type, more)), kind))

  it("a thumbnail is shown only as the picture that its first bytes say", () => {
    const png = btoa("\x89PNG\r\n\x1a\n and more")
    assert.strictEqual(previewUrl(png), `data:image/png;base64,${png}`)
    assert.match(previewUrl(btoa("\xff\xd8\xff\xe0")) ?? "", /^data:image\/jpeg/)
    assert.match(previewUrl(btoa("RIFF1234WEBP")) ?? "", /^data:image\/webp/)
    for (
      const hostile of [
        undefined,
        "",
        btoa("<svg xmlns='http://www.w3.org/2000/svg'/>"),
        btoa("<script>alert(1)</script>"),
        `${png}" onerror="alert(1)`,
        `${png}\n`
      ]
    ) {
      assert.isUndefined(previewUrl(hostile))
    }
  })

  it("names lose what turns them around or cannot be seen, and keep their ends", () => {
    assert.strictEqual(shownName("photo\u202Egnp.exe"), "photo\uFFFDgnp.exe")
    assert.strictEqual(shownName("\u0000\u0007"), "\uFFFD\uFFFD")
    assert.strictEqual(shownName("  "), "file")
    assert.strictEqual(shownName("ملف.pdf"), "ملف.pdf")
    const [start, end] = nameParts(`${"long ".repeat(100)}👩‍👩‍👧 report.final.pdf`)
    assert.match(end, /final\.pdf$/)
    assert.isTrue((start + end).isWellFormed())
    assert.deepStrictEqual(nameParts("short.txt"), ["short.txt", ""])
  })

  it("a name goes up without what a server would refuse in it", () => {
    assert.deepStrictEqual(
      ["a\u200Fb.pdf", "..", " ", "a/b\\c", "\uD800.txt", `${"x".repeat(300)}.txt`].map(nameToSend),
      ["ab.pdf", "file", "file", "abc", "\uFFFD.txt", `${"x".repeat(116)}.txt`]
    )
  })

  it("sizes are told in the unit that people would take", () => {
    assert.deepStrictEqual(
      [0, 1, 1_023, 1_024, 1_536, 20_480, 26_214_400, 5e9].map(sizeOf),
      ["0 bytes", "1 byte", "1023 bytes", "1.0 KB", "1.5 KB", "20 KB", "25 MB", "4.7 GB"]
    )
  })

  it("what came with a message is said in a few words", () => {
    const picture = file("image/png", size)
    assert.strictEqual(describeFiles([picture]), "Picture")
    assert.strictEqual(describeFiles([picture, picture]), "2 pictures")
    assert.strictEqual(describeFiles([picture, file("text/plain")]), "2 files")
    assert.strictEqual(describeFiles([file("text/plain")]), "a name.bin")
    assert.strictEqual(withFiles("look", [picture]), "Picture: look")
    assert.strictEqual(withFiles("look", undefined), "look")
    assert.strictEqual(withFiles(" ", [picture]), "Picture")
  })

  it("icons go by the end of the name", () => {
    assert.deepStrictEqual(
      ["a.ZIP", "b.pdf", "c.csv", "d.svg", "e.flac", "f.mov", "g.html", "h", ".constructor"].map(familyOf),
      ["archive", "document", "sheet", "image", "sound", "film", "code", "file", "file"]
    )
  })
})
