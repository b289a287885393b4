/**
 * How many HTTP requests a second an address may make. Overflow policy: 429 with `Retry-After`, and the connection is
 * closed, so that whoever goes on has to come through the door again, which has a pace of its own.
 */
import { Effect } from "effect"
import { ProblemDetails } from "effect/http"
import type { IncomingMessage, ServerResponse } from "node:http"
import { clientAddress, TrustedProxies } from "../access/ClientAddress.ts"
import { AllowedOrigins, corsHeaders, originQuestion } from "../access/Origins.ts"
import { problemOf, type Refusal } from "../api/problem.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { rateOf, TokenBuckets } from "../kernel/TokenBuckets.ts"
import { limitOf, Settings } from "../Settings.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { connectRequest } from "./connectRequest.ts"

/** Returns whether the request may be looked at; one that may not has had its answer. */
export const make = Effect.gen(function*() {
  const allowed = yield* AllowedOrigins
  const now = yield* Monotonic.now
  const proxies = yield* TrustedProxies
  const settings = yield* Settings
  const { refused } = yield* CurrentMeters
  const buckets = new TokenBuckets(rateOf(settings.maxRequestsPerSecondPerAddress))

  const refuse = (request: IncomingMessage, response: ServerResponse, waitMillis: number) => {
    const refusal: Refusal = { status: 429, message: "This address asks too often; ask again later." }
    refused.add(String(refusal.status))
    response.writeHead(refusal.status, {
      ...corsHeaders(allowed, originQuestion(connectRequest(request, proxies))),
      "content-type": ProblemDetails.contentType,
      "retry-after": String(Math.ceil(waitMillis / 1_000)),
      connection: "close"
    })
    response.end(JSON.stringify(problemOf(refusal)))
  }

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const address = clientAddress(request.socket.remoteAddress ?? "", request.headers["x-forwarded-for"], proxies)
    if (limitOf(settings, "maxRequestsPerSecondPerAddress", address) === 0) return true
    const wait = buckets.take(address, 1, now())
    if (wait === 0) return true
    refuse(request, response, wait)
    return false
  }
})
