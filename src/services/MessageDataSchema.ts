/** What an app keeps in its messages, as a Schema. */
import { Context, Effect, Exit, type Schema, SchemaParser } from "effect"
import { type ChatCommand } from "../domain/ClientFrame.ts"
import { AnyJsonObject } from "../domain/entries/MessageData.ts"
import * as Errors from "../domain/Errors.ts"
import type { ChatError } from "../domain/Errors.ts"

/**
 * The Schema of `data` in messages and edits. What does not decode with it is refused with `invalid_frame`, whoever says
 * it: a client, the app itself, or the admin API. What fits is kept as it came. By default any JSON object fits.
 *
 * Give the same Schema to `ChatClient` as its `data`, which has it typed there.
 */
export const MessageDataSchema = Context.Reference<Schema.ConstraintDecoder<unknown>>(
  "switchboard/services/MessageDataSchema",
  { defaultValue: () => AnyJsonObject }
)

/** Why a command's data does not fit, if it does not. */
export type DataCheck = (command: ChatCommand) => ChatError | undefined

const nothing: DataCheck = () => undefined

const makeCheck = (schema: Schema.ConstraintDecoder<unknown>): DataCheck => {
  // Any object is what the frame has been asked for already.
  if (schema === AnyJsonObject) return nothing
  const parse = SchemaParser.decodeUnknownExit(schema)
  return (command) => {
    if (!("data" in command) || command.data === undefined) return undefined
    const exit = parse(command.data)
    if (Exit.isSuccess(exit)) return undefined
    const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
    const why = failure === undefined ? "it has the wrong shape" : String(failure.error).replaceAll(/\s+/g, " ")
    return Errors.invalidFrame(`Correct the data of the ${command.type} frame: ${why}.`)
  }
}

export const dataCheck: Effect.Effect<DataCheck> = Effect.map(MessageDataSchema, makeCheck)
