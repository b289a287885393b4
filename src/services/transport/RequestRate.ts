/**
 * How many HTTP requests a second an address may make. Overflow policy: 429 with `Retry-After`, and the connection is
 * closed, so that whoever goes on has to come through the door again, which has a pace of its own.
 */
import { Effect } from "effect"
import { ProblemDetails } from "effect/http"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { clientAddress, TrustedProxies } from "../access/ClientAddress.ts"
import { AllowedOrigins, corsHeaders, originQuestion } from "../access/Origins.ts"
import { problemOf, type Refusal } from "../api/problem.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { rateOf, TokenBuckets } from "../kernel/TokenBuckets.ts"
import { limitOf, Settings } from "../Settings.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"

/** The answer to a request that may not be looked at. */
export interface TooOften {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const make = Effect.gen(function*() {
  const allowed = yield* AllowedOrigins
  const now = yield* Monotonic.now
  const proxies = yield* TrustedProxies
  const settings = yield* Settings
  const { refused } = yield* CurrentMeters
  const buckets = new TokenBuckets(rateOf(settings.maxRequestsPerSecondPerAddress))

  return {
    /** How long the next request of this peer has to wait, in milliseconds; where that is nothing, it has been made. */
    waitOf: (peer: string, forwardedFor: string | ReadonlyArray<string> | undefined): number => {
      const address = clientAddress(peer, forwardedFor, proxies)
      if (limitOf(settings, "maxRequestsPerSecondPerAddress", address) === 0) return 0
      return buckets.take(address, 1, now())
    },
    answer: (asked: ConnectRequest, waitMillis: number): TooOften => {
      const refusal: Refusal = { status: 429, message: "This address asks too often; ask again later." }
      refused.add(String(refusal.status))
      return {
        status: refusal.status,
        headers: {
          ...corsHeaders(allowed, originQuestion(asked)),
          "content-type": ProblemDetails.contentType,
          "retry-after": String(Math.ceil(waitMillis / 1_000)),
          connection: "close"
        },
        body: JSON.stringify(problemOf(refusal))
      }
    }
  }
})
