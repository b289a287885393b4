/** One try to tell whoever listens. What it answers is its status and nothing else: bodies are not read. */
import { Clock, Effect, Exit, Redacted, type Scope } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { version } from "../../domain/version.ts"
import { codeOf, drained, retryAfterOf } from "../kernel/httpAnswers.ts"
import { exitInTime } from "../kernel/inTime.ts"
import { signatureOf } from "./signature.ts"
import type { WebhookMessage } from "./WebhookMessage.ts"
import type { WebhookOptions } from "./WebhookOptions.ts"

/** A try lasts no longer. */
export const tryMillis = 10_000
export type Outcome =
  | { readonly _tag: "Taken" }
  /** It wants to hear nothing any more. */
  | { readonly _tag: "Gone" }
  | { readonly _tag: "Failed"; readonly error: string; readonly retryAfterMillis?: number }

/** What goes wrong on the way, by the code that Node or OpenSSL gives it. */
const reasons: { readonly [code: string]: string } = {
  ECONNREFUSED: "The receiver refuses the connection; check that it runs and what --webhook-url says.",
  ECONNRESET: "The receiver broke the connection off.",
  EPIPE: "The receiver broke the connection off.",
  ENOTFOUND: "The receiver's name is not known; check --webhook-url.",
  EAI_AGAIN: "The receiver's name cannot be looked up at the moment.",
  EHOSTUNREACH: "The receiver cannot be reached.",
  ENETUNREACH: "The receiver cannot be reached.",
  ETIMEDOUT: "The receiver cannot be reached.",
  EPROTO: "The receiver speaks no TLS that is understood; check whether --webhook-url is to begin with http:.",
  CERT_HAS_EXPIRED: "The receiver's certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The receiver's certificate is signed by nobody who is trusted.",
  SELF_SIGNED_CERT_IN_CHAIN: "The receiver's certificate is signed by nobody who is trusted.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The receiver's certificate is signed by nobody who is trusted.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The receiver's certificate is signed by nobody who is trusted.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The receiver's certificate is for another name."
}

const failed = (error: string, retryAfterMillis?: number): Outcome => ({
  _tag: "Failed",
  error,
  ...(retryAfterMillis === undefined ? undefined : { retryAfterMillis })
})

const transportFailed = (error: HttpClientError.HttpClientError): Outcome => {
  const code = codeOf(error)
  const reason = code === undefined || !Object.hasOwn(reasons, code) ? undefined : reasons[code]
  return failed(reason ?? `The receiver could not be told${code === undefined ? "" : ` (${code})`}.`)
}

const outcomeOf = ({ headers, status }: HttpClientResponse.HttpClientResponse, now: number): Outcome => {
  if (status >= 200 && status < 300) return { _tag: "Taken" }
  if (status === 410) return { _tag: "Gone" }
  if (status >= 300 && status < 400) {
    return failed(`The receiver answered with a redirect (${status}), which is not followed; give its final address.`)
  }
  return failed(
    `The receiver answered ${status}.`,
    status === 429 || status === 503 ? retryAfterOf(headers["retry-after"], now) : undefined
  )
}

export const makeReceiver = Effect.fnUntraced(function*({ secrets, url }: WebhookOptions) {
  const client = HttpClient.withScope(yield* HttpClient.HttpClient)

  const once = Effect.fnUntraced(function*(message: WebhookMessage): Effect.fn.Return<Outcome, never, Scope.Scope> {
    const now = yield* Clock.currentTimeMillis
    const timestamp = Math.floor(now / 1_000)
    const request = HttpClientRequest.post(Redacted.value(url)).pipe(
      HttpClientRequest.setHeaders({
        "user-agent": `switchboard/${version}`,
        "webhook-id": message.id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": signatureOf(secrets, { ...message, timestamp })
      }),
      HttpClientRequest.bodyText(message.body, "application/json")
    )
    const answer = yield* Effect.exit(client.execute(request))
    if (Exit.isFailure(answer)) {
      return yield* Effect.matchCause(answer, {
        onSuccess: () => failed("The receiver could not be told."),
        onFailure: (cause) => {
          const error = cause.reasons.find((reason) => reason._tag === "Fail")?.error
          return error === undefined ? failed("The receiver could not be told.") : transportFailed(error)
        }
      })
    }
    yield* drained(answer.value)
    return outcomeOf(answer.value, now)
  }, Effect.scoped)

  /** Never waits for longer than a try may last. */
  return (message: WebhookMessage): Effect.Effect<Outcome> =>
    Effect.flatMap(exitInTime(once(message), tryMillis), (answer): Effect.Effect<Outcome> => {
      if (Exit.isExit(answer)) return answer
      answer.interruptUnsafe()
      return Effect.succeed(failed(`The receiver did not answer within ${tryMillis / 1_000} seconds.`))
    }).pipe(
      // The address may have credentials in it, and whoever listens has no part in our traces.
      Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true)
    )
})
