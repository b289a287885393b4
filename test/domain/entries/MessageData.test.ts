/** P9: an app's data is taken as it came, or refused in a sentence, however it is made. */
import { assert, describe, it } from "@effect/vitest"
import { Exit, Schema } from "effect"
import { maxDataBytes, maxDataDepth, MessageData } from "../../../src/domain/entries/MessageData.ts"
import { decode } from "../../../src/domain/FrameCodec.ts"
import { cpuMillis } from "../../support/cpuTime.ts"

const taken = Schema.decodeUnknownExit(MessageData)

/** As much as it takes: `{"a":{"a":…}}`. */
const nested = (depth: number): string => `${"{\"a\":".repeat(depth - 1)}{}${"}".repeat(depth - 1)}`
const long = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`

const saidWith = (data: string) =>
  decode(`{"type":"chat_message","id":"1","recipient":"bob","text":"","data":${data}}`, 16_384)

describe("MessageData", () => {
  it("is what came, its names in their order, __proto__ a name like any other", () => {
    const text =
      "{\"z\":1.50,\"__proto__\":{\"isAdmin\":true},\"constructor\":null,\"a\":[[],-0,1e-7,\"\\ud83d\\ude00\\n\"]}"
    const value = JSON.parse(text) as object
    const exit = taken(value)
    assert.isTrue(Exit.isSuccess(exit))
    // Not a copy, so nothing can have been lost.
    if (Exit.isSuccess(exit)) assert.strictEqual(exit.value, value as MessageData)
    const frame = saidWith(text)
    assert.strictEqual(frame._tag, "Frame")
    if (frame._tag === "Frame") assert.notProperty(frame.frame, "isAdmin")
  })

  it.prop("P9 anything else that is JSON is refused, or stays the same", [Schema.Json], ([value]) => {
    const exit = taken(value)
    if (Exit.isSuccess(exit)) {
      assert.deepStrictEqual(JSON.parse(JSON.stringify(exit.value)), JSON.parse(JSON.stringify(value)))
    }
  })

  it("has at most 4,096 bytes as UTF-8, and is nested at most 8 deep", () => {
    for (const text of ["{}", nested(maxDataDepth), long(maxDataBytes)]) {
      assert.strictEqual(saidWith(text)._tag, "Frame", text.slice(0, 60))
    }
    const wide = `{"a":"${"ä".repeat(maxDataBytes / 2)}"}`
    for (
      const text of [nested(maxDataDepth + 1), `{"a":${"[".repeat(8)}${"]".repeat(8)}}`, long(maxDataBytes + 1), wide]
    ) {
      const refused = saidWith(text)
      assert.strictEqual(refused._tag, "Invalid", text.slice(0, 60))
      if (refused._tag !== "Invalid") continue
      assert.strictEqual(refused.error.code, "invalid_frame")
      assert.strictEqual(refused.id, "1" as typeof refused.id)
      // What was sent is not sent back.
      assert.isBelow(refused.error.message.length, 200)
    }
  })

  it("P9 is no list, no word, and nothing that a store or a client could not hold", () => {
    const bad = [
      "[]",
      "null",
      "1",
      "\"x\"",
      "true",
      "{\"a\":\"\\u0000\"}",
      "{\"a\":[\"\\ud800\"]}",
      "{\"\\udc00\":1}",
      "{\"\\u0000\":1}",
      "{\"a\":1e400}",
      "{\"a\":[{\"b\":-1e999}]}"
    ]
    for (const text of bad) {
      const refused = saidWith(text)
      assert.strictEqual(refused._tag === "Invalid" && refused.error.code, "invalid_frame", text)
    }
  })

  it("P9 what is nested 100,000 deep costs no stack and no time", () => {
    for (const [open, close] of [["{\"a\":", "}"], ["[", "]"]] as const) {
      const text = `{"a":${open.repeat(100_000)}1${close.repeat(100_000)}}`
      let refused = saidWith("{}")
      assert.isBelow(cpuMillis(() => refused = saidWith(text)), 1_000)
      assert.strictEqual(refused._tag === "Invalid" && refused.error.code, "invalid_frame")
    }
    // Many names, each of which is looked at once.
    const many = `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":{}`).join()}}`
    assert.strictEqual(saidWith(many)._tag, "Invalid")
  })
})
