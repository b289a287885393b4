/** Refusals as the web's standards have them. */
import { ProblemDetails } from "effect/http"
import { problemOf, type Refusal } from "../api/problem.ts"

export const refusalOf = (refusal: Refusal): Response =>
  new Response(JSON.stringify(problemOf(refusal)), {
    status: refusal.status,
    headers: {
      "connection": "close",
      "content-type": ProblemDetails.contentType,
      ...(refusal.retryAfterSeconds === undefined ? undefined : { "retry-after": String(refusal.retryAfterSeconds) })
    }
  })
