/** What can go wrong on the client's side; what the server refuses is a `ChatError`. */
import { Schema } from "effect"

/**
 * `closed`: the client was closed, or the server forbids it to come back. `refused`: the way in is refused for good.
 * `storage`: the outbox could not keep a message, so it was not sent. `upload`: a file was not taken, or cannot be read.
 * `data`: what came with a message does not fit the client's Schema. `cancelled`: it was not wanted any more. `message` is one sentence for people.
 */
export class ClientError extends Schema.TaggedError<ClientError>()("ClientError", {
  reason: Schema.Literals(["closed", "refused", "storage", "upload", "data", "cancelled"]),
  message: Schema.String,
  /** The close code, or the HTTP status of a refusal. */
  code: Schema.optionalKey(Schema.Int)
}) {}

/** A sentence with its end. */
export const ended = (sentence: string): string => /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
