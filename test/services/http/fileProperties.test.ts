/** Whatever bytes go in under whatever name and type come out the same, whole and in any part. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { plainName, plainType } from "../../../src/services/files/plain.ts"
import { partOf } from "../../../src/services/http/fileRange.ts"
import { ask, askRaw, linkOf, upload } from "../../support/fileApi.ts"
import { moodyFiles } from "../../support/moodyFiles.ts"
import { TestServer, testServer } from "../../support/TestServer.ts"

const Bytes = Schema.Array(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 255 })))).pipe(
  Schema.check(Schema.isMaxLength(3_000))
)
const Place = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 4_000 })))
const Text = Schema.String.pipe(Schema.check(Schema.isMaxLength(300)))

/** What is left of a text where nothing is in it that no name has. */
const nameOf = (text: string) =>
  `n${text.toWellFormed().replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069/\\]/gu, "")}`.slice(0, 120)
    .toWellFormed()

const Type = Schema.Literals(["image/png", "text/html", "a/b", "X-Y/Z+w", "application/octet-stream"])

const version = { etag: "\"x\"", at: 1_700_000_000_123 }

describe("a file over HTTP", () => {
  const files = moodyFiles()
  layer(Layer.orDie(testServer({ files: files.layer })))((it) => {
    it.effect.prop(
      "comes out as it went in",
      [Bytes, Text, Type, Place, Place],
      ([given, text, type, from, to]) =>
        Effect.gen(function*() {
          const { port } = yield* TestServer
          const bytes = Buffer.from(given)
          const name = nameOf(text)
          const sent = yield* upload(port, bytes, { name, type })
          assert.strictEqual(sent.status, 201, JSON.stringify([name, type]))
          assert.deepStrictEqual([sent.body.name, sent.body.type, sent.body.size], [
            name.normalize("NFC"),
            type.toLowerCase(),
            bytes.length
          ])
          const link = yield* linkOf(sent.body)
          assert.isTrue((yield* ask(port, link)).bytes.equals(bytes))
          if (bytes.length === 0 || to < from) return
          const { bytes: part, headers, status } = yield* askRaw(port, link, { range: `bytes=${from}-${to}` })
          assert.strictEqual(status, from < bytes.length ? 206 : 416)
          if (status === 416) return
          const last = Math.min(to, bytes.length - 1)
          assert.isTrue(part.equals(bytes.subarray(from, last + 1)))
          assert.strictEqual(headers["content-range"], `bytes ${from}-${last}/${bytes.length}`)
        }),
      { arbitrary: { runs: 60 } }
    )
  })
})

describe("names", () => {
  it.prop("are plain or none, and stay as they are", [Text], ([given]) => {
    const name = plainName(given)
    if (name === undefined) return
    assert.strictEqual(plainName(name), name)
    assert.isAtMost(name.length, 255)
    assert.notMatch(name, /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    assert.strictEqual(name, given.normalize("NFC"))
  })

  it.prop("types are plain or none, and stay as they are", [Text], ([given]) => {
    const type = plainType(given)
    if (type === undefined) return
    assert.strictEqual(plainType(type), type)
    assert.match(type, /^[^\s/;,]+\/[^\s/;,]+$/)
  })
})

describe("ranges", () => {
  it.prop("are parts of the file, whatever is asked for", [Place, Place, Place], ([size, first, last]) => {
    for (const range of [`bytes=${first}-${last}`, `bytes=${first}-`, `bytes=-${last}`]) {
      const part = partOf({ range }, size, version)
      if (part._tag === "Range") {
        assert.isTrue(part.from >= 0 && part.from <= part.to && part.to < size, range)
      } else if (part._tag === "Unsatisfiable") {
        assert.isTrue(range.endsWith("=-0") || first >= size, range)
      }
    }
  })

  it.prop("what is none is all of it", [Text], ([range]) => {
    const part = partOf({ range }, 1_000, version)
    assert.isTrue(part._tag === "Whole" || /^bytes=/i.test(range))
  })

  it("of another version all is sent, and of the same nothing that is there", () => {
    const cases = [
      [{ range: "bytes=0-1", "if-range": "\"x\"" }, "Range"],
      [{ range: "bytes=0-1", "if-range": "W/\"x\"" }, "Whole"],
      [{ range: "bytes=0-1", "if-range": "\"y\"" }, "Whole"],
      [{ range: "bytes=0-1", "if-range": "Tue, 14 Nov 2023 22:13:20 GMT" }, "Range"],
      [{ range: "bytes=0-1", "if-range": "Tue, 14 Nov 2023 22:13:21 GMT" }, "Whole"],
      [{ range: "bytes=0-1,5-6" }, "Whole"],
      [{ range: "bytes=9-1" }, "Whole"],
      [{ range: "bytes=1000-" }, "Unsatisfiable"],
      [{ range: "bytes=-0" }, "Unsatisfiable"],
      [{ range: "bytes=-5000" }, "Range"],
      [{ range: "lines=0-1" }, "Whole"],
      [{ "if-none-match": "\"y\", W/\"x\"" }, "NotModified"],
      [{ "if-none-match": "*", range: "bytes=0-1" }, "NotModified"],
      [{ "if-none-match": "\"y\"" }, "Whole"],
      [{ "if-modified-since": "Tue, 14 Nov 2023 22:13:20 GMT" }, "NotModified"],
      [{ "if-modified-since": "Tue, 14 Nov 2023 22:13:19 GMT" }, "Whole"],
      [{ "if-modified-since": "nonsense" }, "Whole"]
    ] as const
    for (const [headers, tag] of cases) {
      assert.strictEqual(partOf(headers, 1_000, version)._tag, tag, JSON.stringify(headers))
    }
  })
})
