/** What can go wrong with a request, as clients see it. Codes are frozen once shipped. */
import { Schema } from "effect"

export const ErrorCode = Schema.Literals([
  "invalid_frame",
  "unknown_type",
  "text_too_long",
  "invalid_target",
  "not_found",
  "not_a_member",
  "forbidden",
  "id_conflict",
  "rate_limited",
  "overloaded",
  "unavailable",
  "unauthenticated"
])
export type ErrorCode = typeof ErrorCode.Type

/**
 * A request that was not carried out. `message` is one sentence for people: what happened and what to do.
 * `temporary` says that the same request may succeed later, `retry_after_ms` how long to wait before it.
 */
export class ChatError extends Schema.TaggedError<ChatError>()("ChatError", {
  code: ErrorCode,
  message: Schema.String,
  temporary: Schema.Boolean,
  retry_after_ms: Schema.optionalKey(Schema.Int)
}) {}

const permanent = (code: ErrorCode) => (message: string) => new ChatError({ code, message, temporary: false })

export const invalidFrame = permanent("invalid_frame")
export const unknownType = permanent("unknown_type")
export const textTooLong = permanent("text_too_long")
export const invalidTarget = permanent("invalid_target")
export const notFound = permanent("not_found")
export const notAMember = permanent("not_a_member")
export const forbidden = permanent("forbidden")
export const idConflict = permanent("id_conflict")

export const unauthenticated = permanent("unauthenticated")

const temporary = (code: ErrorCode) => (message: string, retryAfterMillis: number) =>
  new ChatError({ code, message, temporary: true, retry_after_ms: retryAfterMillis })

export const overloaded = temporary("overloaded")
export const unavailable = temporary("unavailable")
export const rateLimited = temporary("rate_limited")

/** One answer for what does not exist and what is not yours, so that nobody can find out which. */
export const noConversation = () => notFound("There is no such conversation of yours; check its name.")

export const notInGroup = () => notAMember("You are not in this group any more.")

export const storeSilent = () => unavailable("The store does not answer at the moment; ask again.", 1_000)

export const stopping = () => unavailable("The server is stopping; send it again with the same id.", 1_000)
