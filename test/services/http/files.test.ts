/** Files over HTTP, on real sockets: up, and down again by their links. */
import { assert, describe } from "@effect/vitest"
import { createHash, randomBytes } from "node:crypto"
import { UserId } from "../../../src/domain/Ids.ts"
import { ask, askRaw, fileRecords, linkOf, upload } from "../../support/fileApi.ts"
import { moodyFiles } from "../../support/moodyFiles.ts"
import { served } from "../../support/TestServer.ts"

const on = () => ({ files: moodyFiles().layer })

describe("a file", () => {
  served("comes down as it went up, whole and in parts", function*(port) {
    const bytes = randomBytes(3_000_000)
    const sent = yield* upload(port, bytes, { name: "a picture.png", type: "image/png" })
    assert.strictEqual(sent.status, 201, sent.bytes.toString())
    const sha256 = createHash("sha256").update(bytes).digest("hex")
    const { file, ...rest } = sent.body
    assert.deepStrictEqual(rest, { name: "a picture.png", type: "image/png", size: bytes.length, sha256 })
    const link = yield* linkOf(sent.body)
    const whole = yield* ask(port, link)
    assert.strictEqual(whole.status, 200)
    assert.isTrue(whole.bytes.equals(bytes))
    assert.strictEqual(whole.headers.get("content-type"), "image/png")
    const part = yield* ask(port, link, { headers: { range: "bytes=1000-1999" } })
    assert.strictEqual(part.status, 206)
    assert.isTrue(part.bytes.equals(bytes.subarray(1_000, 2_000)))
    const records = yield* fileRecords
    assert.deepStrictEqual(yield* records.usage(UserId.make("alice")), { files: 1, bytes: bytes.length })
  }, on())

  served("HEAD says all of it and sends nothing", function*(port) {
    const sent = yield* upload(port, "hello", { name: "a.txt", type: "text/plain" })
    const head = yield* askRaw(port, yield* linkOf(sent.body), {}, "HEAD")
    assert.deepStrictEqual([head.status, head.headers["content-length"], head.bytes.length], [200, "5", 0])
  }, on())
})
