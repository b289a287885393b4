import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { EncodedFrame } from "../../../src/services/session/EncodedFrame.ts"

/** A server's frame as RFC 6455, section 5.2, has it. */
const read = (wire: Buffer) => {
  const short = wire[1]!
  const [header, length] = short < 126
    ? [2, short]
    : short === 126
    ? [4, wire.readUInt16BE(2)]
    : [10, Number(wire.readBigUInt64BE(2))]
  return { opcode: wire[0], length, text: wire.toString("utf8", header), rest: wire.length - header - length }
}

const check = (text: string) => {
  const frame = new EncodedFrame(text)
  assert.deepStrictEqual(read(frame.wire), { opcode: 0x81, length: Buffer.byteLength(text), text, rest: 0 })
  assert.strictEqual(frame.size, frame.wire.length)
  assert.strictEqual(frame.wire, frame.wire)
}

describe("EncodedFrame", () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536])("frames %i bytes", (length) => {
    check("x".repeat(length))
    if (length > 2) check("ü".repeat(length >> 1) + "x".repeat(length & 1))
  })

  it.prop("frames any text", [Schema.String], ([text]) => check(text.toWellFormed()))
})
