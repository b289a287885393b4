/** An app's own things in a message: cards, buttons, links. The server keeps and shows them, and does not read them. */
import { Schema, SchemaTransformation } from "effect"
import { isStorable } from "../Text.ts"

/** Longest, in bytes of UTF-8 as JSON. */
export const maxDataBytes = 4_096
/** Objects and lists in each other; `{}` is one. */
export const maxDataDepth = 8

export type JsonObject = { readonly [name: string]: Schema.Json }
export type MessageData = JsonObject

const isJsonObject = (u: unknown): u is JsonObject => typeof u === "object" && u !== null && !Array.isArray(u)

/**
 * Any JSON object, as it came. It is not looked through and not copied, so that it may be as deep as it likes, and that
 * its names stay in their order, `__proto__` among them.
 */
export const AnyJsonObject = Schema.declare(isJsonObject, {
  expected: "a JSON object",
  toCodecJson: () => Schema.link<JsonObject>()(Schema.JsonObject, SchemaTransformation.passthrough())
})

const tooDeep = `Expected an object nested at most ${maxDataDepth} deep`
const tooLong = `Expected at most ${maxDataBytes} bytes of data`
const noText = "Expected well-formed text without NUL in data"
/** `1e400` is read as infinity, which JSON would keep as `null`. */
const noNumber = "Expected numbers in data that can be kept"

/** What is wrong within, if anything. Goes no deeper than is allowed, whatever it is given. */
const faultIn = (value: unknown, left: number): string | undefined => {
  if (typeof value === "string") return isStorable(value) ? undefined : noText
  if (typeof value === "number") return Number.isFinite(value) ? undefined : noNumber
  if (typeof value !== "object" || value === null) return undefined
  if (left === 0) return tooDeep
  for (const [name, each] of Object.entries(value)) {
    const fault = isStorable(name) ? faultIn(each, left - 1) : noText
    if (fault !== undefined) return fault
  }
  return undefined
}

const encoder = new TextEncoder()

export const MessageData = AnyJsonObject.pipe(
  Schema.check(Schema.makeFilter(
    // Only what is not deep is written as JSON, which goes as deep as it has to.
    (value: JsonObject) =>
      faultIn(value, maxDataDepth) ??
        (encoder.encode(JSON.stringify(value)).length > maxDataBytes ? tooLong : undefined),
    { expected: `at most ${maxDataBytes} bytes of data, nested at most ${maxDataDepth} deep` }
  ))
)
