/** What is read of an answer by whoever tells others something over HTTP. */
import { DateTime, Effect, Option, Stream } from "effect"
import type { HttpClientResponse } from "effect/http"

/** Whoever asks for time has at most so much. */
export const maxRetryAfterMillis = 300_000
/** So much of an answer is read, and so long, that the line can be used again; past it the line is closed. */
const maxBodyBytes = 16_384
const bodyMillis = 500

/** What Node or OpenSSL calls it, however deep it lies. */
export const codeOf = (cause: unknown): string | undefined => {
  if (typeof cause !== "object" || cause === null) return undefined
  if ("code" in cause && typeof cause.code === "string" && cause.code !== "") return cause.code
  if ("errors" in cause && Array.isArray(cause.errors)) return codeOf(cause.errors[0])
  return "cause" in cause ? codeOf(cause.cause) : undefined
}

/** Seconds, or a date. */
export const retryAfterOf = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined
  const millis = /^\d{1,9}$/.test(header)
    ? Number(header) * 1_000
    : Option.getOrUndefined(Option.map(DateTime.make(header), (date) => DateTime.toEpochMillis(date) - now))
  return millis === undefined ? undefined : Math.min(Math.max(0, millis), maxRetryAfterMillis)
}

/** The rest of an answer, as far as it is short. */
export const drained = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> => {
  let bytes = 0
  return response.stream.pipe(
    Stream.takeWhile((chunk) => (bytes += chunk.length) <= maxBodyBytes),
    Stream.runDrain,
    Effect.timeoutOption(bodyMillis),
    Effect.ignore
  )
}
