/** Every refusal over HTTP looks the same (RFC 9457). */
import { HttpServerResponse } from "effect/http"
import type { Refusal } from "../transport/refuse.ts"
import { problem as body } from "../transport/refuse.ts"

export const problem = (refusal: Refusal): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(body(refusal), {
    status: refusal.status,
    contentType: "application/problem+json",
    ...(refusal.retryAfterSeconds === undefined
      ? undefined
      : { headers: { "retry-after": String(refusal.retryAfterSeconds) } })
  })
