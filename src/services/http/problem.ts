/** What `Refused` is in the `Api`, for routes that are none of it. */
import { HttpServerResponse, ProblemDetails } from "effect/http"
import { problemOf, type Refusal } from "../api/problem.ts"

export const problem = (refusal: Refusal): HttpServerResponse.HttpServerResponse => {
  const { retryAfterSeconds } = refusal
  const response = ProblemDetails.toResponse(problemOf(refusal))
  return retryAfterSeconds === undefined
    ? response
    : HttpServerResponse.setHeader(response, "retry-after", String(retryAfterSeconds))
}
