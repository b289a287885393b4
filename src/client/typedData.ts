/** An app's own data in messages, in the type that its Schema gives it. */
import { Effect, Exit, Option, Schema } from "effect"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import { ClientError } from "./ClientError.ts"

/** A Schema of data: what it encodes to has to be a JSON object. */
export type DataSchema<Data> = Schema.Codec<Data, unknown>

export interface TypedData<Data> {
  /** As the server gets it. */
  readonly encode: (data: Data) => Effect.Effect<JsonObject, ClientError>
  /** What came with a message, an edit or an entry; none where there is nothing, or nothing that fits. */
  readonly dataOf: (message: object) => Option.Option<Data>
}

const dataIn = (message: object): JsonObject | undefined =>
  // Where frames have a field of this name, it is this.
  "data" in message ? message.data as JsonObject | undefined : undefined

/** What is not typed goes as it is, and then `Data` is any JSON object. */
const untyped: TypedData<JsonObject> = {
  encode: Effect.succeed,
  dataOf: (message) => Option.fromUndefinedOr(dataIn(message))
}

export const typedData = <Data>(schema: DataSchema<Data> | undefined): TypedData<Data> => {
  // Without a Schema nobody can have named another type than that of the default.
  if (schema === undefined) return untyped as unknown as TypedData<Data>
  const encode = Schema.encodeUnknownExit(schema)
  const decode = Schema.decodeUnknownOption(schema)
  return {
    encode: (data) => {
      const exit = encode(data)
      if (Exit.isSuccess(exit)) return Effect.succeed(exit.value as JsonObject)
      const message = "The message was not sent: its data does not fit its Schema."
      return Effect.fail(new ClientError({ reason: "data", message }))
    },
    dataOf: (message) => Option.flatMap(Option.fromUndefinedOr(dataIn(message)), (data) => decode(data))
  }
}
