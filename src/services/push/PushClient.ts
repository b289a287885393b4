/** One try to hand a message to a push service. What it answers is its status and nothing else. */
import { NodeHttpClient } from "@effect/platform-node"
import { Clock, Effect, Exit, Layer, type Scope } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest } from "effect/http"
import { createSecureContext } from "node:tls"
import { version } from "../../domain/version.ts"
import { codeOf, drained, retryAfterOf } from "../kernel/httpAnswers.ts"
import { exitInTime } from "../kernel/inTime.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { PushRecord } from "../storage/PushRecords.ts"
import { encrypted } from "./encryption.ts"
import type { PushKeys } from "./PushKeys.ts"
import { endpointProblem, publicLookup, type PushNetworkOptions } from "./PushNetwork.ts"

/** A try lasts no longer. */
const tryMillis = 10_000
/** A push service keeps a message for so long for a browser that is not there. */
const ttlSeconds = 86_400

export interface PushMessage {
  readonly record: PushRecord
  /** JSON. */
  readonly payload: string
  /** A later one with this topic takes its place at the push service. */
  readonly topic: string
  readonly urgency: "high" | "normal"
}

export type PushOutcome =
  | { readonly _tag: "Taken" }
  /** The subscription is not there any more. */
  | { readonly _tag: "Gone" }
  /** It will not be taken, however often it is tried. */
  | { readonly _tag: "Refused"; readonly reason: string }
  | { readonly _tag: "Failed"; readonly reason: string; readonly retryAfterMillis?: number }

const outcomeOf = (status: number, retryAfter: string | undefined, now: number): PushOutcome => {
  if (status >= 200 && status < 300) return { _tag: "Taken" }
  if (status === 404 || status === 410) return { _tag: "Gone" }
  const reason = `The push service answered ${status}.`
  if (status !== 429 && status < 500) return { _tag: "Refused", reason }
  const retryAfterMillis = retryAfterOf(retryAfter, now)
  return { _tag: "Failed", reason, ...(retryAfterMillis === undefined ? undefined : { retryAfterMillis }) }
}

const broken = (error: HttpClientError.HttpClientError | undefined): PushOutcome => {
  const code = codeOf(error)
  return code === "ENOTPUBLIC"
    ? { _tag: "Refused", reason: "The endpoint's name stands for an address that is not public." }
    : { _tag: "Failed", reason: `The push service cannot be reached${code === undefined ? "" : ` (${code})`}.` }
}

/** Each request has a line of its own, so that its name is looked up for it. */
export const makePushClient = Effect.fnUntraced(function*(
  keys: Effect.Effect<PushKeys, StoreError>,
  network: PushNetworkOptions
) {
  const context = yield* Layer.build(NodeHttpClient.layerNodeHttpOptions({
    keepAlive: false,
    lookup: publicLookup(network),
    // Otherwise it is made for each line, which takes as long as the rest of a try.
    secureContext: createSecureContext(network.ca === undefined ? {} : { ca: network.ca })
  }))
  const client = HttpClient.withScope(yield* Effect.provide(HttpClient.HttpClient, context))

  const once = Effect.fnUntraced(
    function*({ payload, record, topic, urgency }: PushMessage): Effect.fn.Return<PushOutcome, never, Scope.Scope> {
      const problem = endpointProblem(record.endpoint, network)
      if (problem !== undefined) return { _tag: "Refused", reason: problem }
      const body = encrypted(record, payload)
      if (body === undefined) return { _tag: "Refused", reason: "The subscription's keys are none." }
      const known = yield* Effect.exit(keys)
      if (Exit.isFailure(known)) return { _tag: "Failed", reason: "The store does not answer." }
      const now = yield* Clock.currentTimeMillis
      const request = HttpClientRequest.post(record.endpoint).pipe(
        HttpClientRequest.setHeaders({
          authorization: yield* known.value.authorization(new URL(record.endpoint).origin, now),
          "content-encoding": "aes128gcm",
          ttl: String(ttlSeconds),
          topic,
          urgency,
          "user-agent": `switchboard/${version}`
        }),
        HttpClientRequest.bodyUint8Array(body, "application/octet-stream")
      )
      const answer = yield* Effect.exit(client.execute(request))
      if (Exit.isFailure(answer)) {
        const failed = answer.cause.reasons.find((reason) => reason._tag === "Fail")
        return broken(failed?.error)
      }
      yield* drained(answer.value)
      return outcomeOf(answer.value.status, answer.value.headers["retry-after"], now)
    },
    Effect.scoped
  )

  /** Never waits for longer than a try may last. */
  return (message: PushMessage): Effect.Effect<PushOutcome> =>
    Effect.flatMap(exitInTime(once(message), tryMillis), (answer): Effect.Effect<PushOutcome> => {
      if (Exit.isExit(answer)) return answer
      answer.interruptUnsafe()
      return Effect.succeed({
        _tag: "Failed",
        reason: `The push service did not answer within ${tryMillis / 1_000} seconds.`
      })
    }).pipe(
      // The address is a secret, and push services have no part in our traces.
      Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
    )
})

export type PushClient = Effect.Success<ReturnType<typeof makePushClient>>
