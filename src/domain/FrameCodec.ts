/** Text frames in, frames out: JSON to a `ClientFrame` or to the error that its sender gets, and back to JSON. */
import { Exit, Schema, Struct } from "effect"
import { type ClientFrame, clientFrames, countTargets, type Targeted } from "./ClientFrame.ts"
import * as Errors from "./Errors.ts"
import type { ChatError } from "./Errors.ts"
import { ClientId } from "./Ids.ts"
import { isOver } from "./Limit.ts"
import type { ServerFrame } from "./ServerFrame.ts"

/** What decoding one text frame came to. A bad one keeps its `id`, if that much could be read. */
export type Decoded =
  | {
    readonly _tag: "Frame"
    readonly frame: ClientFrame
    /** When it was read, by the clock of whoever reads: they write it down here, as one object for a frame is enough. */
    readAt?: number
  }
  | { readonly _tag: "Invalid"; readonly id: ClientId | undefined; readonly error: ChatError }

type Decoder = (u: unknown) => Exit.Exit<ClientFrame, Schema.SchemaError>

// A Map, not an object: `__proto__` and `constructor` are unknown types like any other.
const decoders: ReadonlyMap<string, Decoder> = new Map(
  Object.entries(clientFrames).map(([type, schema]) => [type, Schema.decodeUnknownExit(schema)])
)

const keepChecks = { unsafePreserveChecks: true }

/**
 * Of those that have no `data`, as most have none. It is declared, and whatever is declared is not compiled, nor is the
 * frame around it: interpreted, the check of a message takes two microseconds, compiled a tenth of one.
 */
const datalessDecoders: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ["chat_message", Schema.decodeUnknownExit(clientFrames.chat_message.mapFields(Struct.omit(["data"]), keepChecks))],
  ["edit_message", Schema.decodeUnknownExit(clientFrames.edit_message.mapFields(Struct.omit(["data"]), keepChecks))]
])

const decoderOf = (type: string, frame: object): Decoder | undefined =>
  "data" in frame ? decoders.get(type) : datalessDecoders.get(type) ?? decoders.get(type)

const isClientId = Schema.is(ClientId)

const invalid = (u: { readonly id?: unknown } | undefined, error: ChatError): Decoded => ({
  _tag: "Invalid",
  id: u !== undefined && isClientId(u.id) ? u.id : undefined,
  error
})

const targeted = new Set(
  Object.entries(clientFrames).flatMap(([type, { fields }]) => "recipient" in fields ? [type] : [])
)

const isTargeted = (frame: ClientFrame): frame is Extract<ClientFrame, Targeted> => targeted.has(frame.type)

const encoder = new TextEncoder()

const isTooLong = (text: string, textBytes: number): boolean =>
  // UTF-8 needs at most 3 bytes for a UTF-16 unit, so most texts need no count.
  isOver(textBytes, text.length * 3) && isOver(textBytes, encoder.encode(text).length)

/** What was expected where; the decoder's message does not repeat what the client sent. */
const describe = (exit: Exit.Failure<ClientFrame, Schema.SchemaError>): string => {
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  return failure === undefined ? "it has the wrong shape" : failure.error.message.replaceAll(/\s+/g, " ")
}

/**
 * Decodes one text frame. `textBytes` bounds `text`, in bytes of UTF-8.
 * The JSON parser and the decoder are called directly, not as effects: this runs once per message.
 */
export const decode = (text: string, textBytes: number): Decoded => {
  let u: unknown
  try {
    u = JSON.parse(text)
  } catch {
    return invalid(undefined, Errors.invalidFrame("The frame is not JSON; send one JSON object per text frame."))
  }
  if (typeof u !== "object" || u === null || Array.isArray(u)) {
    return invalid(undefined, Errors.invalidFrame("The frame is not a JSON object; send one object per text frame."))
  }
  const type = "type" in u ? u.type : undefined
  if (typeof type !== "string") {
    return invalid(u, Errors.invalidFrame("The frame has no \"type\"; give it one of the types of the protocol."))
  }
  const decoder = decoderOf(type, u)
  if (decoder === undefined) {
    return invalid(u, Errors.unknownType("The frame's type is not known here; see the protocol for the types."))
  }
  const exit = decoder(u)
  if (Exit.isFailure(exit)) return invalid(u, Errors.invalidFrame(`Correct the ${type} frame: ${describe(exit)}.`))
  const frame = exit.value
  if ("text" in frame && isTooLong(frame.text, textBytes)) {
    return invalid(frame, Errors.textTooLong(`The text is longer than ${textBytes} bytes; send it in parts.`))
  }
  if (frame.type === "search" ? countTargets(frame) > 1 : isTargeted(frame) && countTargets(frame) !== 1) {
    return invalid(frame, Errors.invalidTarget("Give exactly one of \"recipient\", \"group\" and \"conversation\"."))
  }
  return { _tag: "Frame", frame, readAt: 0 }
}

/** Server frames hold plain JSON values only, so that no schema has to run to write one. */
export const encode = (frame: ServerFrame): string => JSON.stringify(frame)
