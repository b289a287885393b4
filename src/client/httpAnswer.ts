/** What an answer of HTTP says that is not what was asked for: why, in a sentence, and when to ask again. */
import { fieldOf, parse } from "./json.ts"

/** The detail of its problem body, if there is one. */
export const sentenceOf = (status: number, body: string): string => {
  const detail = fieldOf(parse(body), "detail")
  return typeof detail === "string" ? detail : `the server answered ${status}`
}

export const retryAfterMillis = (header: string | null | undefined): { readonly retryAfterMillis?: number } => {
  const seconds = Number(header)
  return header === undefined || header === null || !Number.isFinite(seconds)
    ? {}
    : { retryAfterMillis: Math.ceil(seconds * 1_000) }
}

/** Refusals that another attempt would meet again. */
export const isPermanent = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 408 && status !== 429
