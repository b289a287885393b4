/**
 * The line to whoever receives what is told: with an end to each wait, whatever is at the other side. What cannot be told
 * is lost: an exporter whose request fails in the end throws away what it has, and rests for a minute.
 */
import { Effect, Exit, Layer, Semaphore } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, type HttpClientRequest } from "effect/http"
import * as Monotonic from "../../services/kernel/Monotonic.ts"
import type { Signal, Target } from "./variables.ts"

/** Requests of one signal at a time; others wait for them. */
const maxUnderWay = 4
/** Those that wait, too. Overflow policy: another one fails, and what it has is lost. */
const maxRequests = 32
/** While something fails, only that is tried again. */
const failingMillis = 10_000
/** However often it fails, there is one line in this time. */
const toldMillis = 60_000
/** Nobody reads more of an answer. */
const maxAnswer = 65_536

/** The answer without what it says, which is nothing that anybody needs; whoever goes on talking is hung up on. */
const withoutBody = (response: Response): Promise<Response> => {
  const { body, headers, status } = response
  const isShort = Number(headers.get("content-length") ?? maxAnswer + 1) <= maxAnswer
  const read: Promise<unknown> = isShort ? response.arrayBuffer() : body?.cancel() ?? Promise.resolve()
  const retryAfter = headers.get("retry-after")
  const init = {
    status: status > 599 ? 502 : status,
    headers: retryAfter === null ? {} : { "retry-after": retryAfter }
  }
  return read.then(() => new Response(null, init))
}

const post: typeof globalThis.fetch = (input, init) =>
  globalThis.fetch(input, { ...init, redirect: "error" }).then(withoutBody)

/** Not tried again. */
const lost = (request: HttpClientRequest.HttpClientRequest) =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.EncodeError({ request, description: "nobody takes it" })
  })

const late = (request: HttpClientRequest.HttpClientRequest, millis: number) =>
  new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({ request, description: `no answer within ${millis} ms` })
  })

/** Node says what is wrong in the cause of a cause. */
const codeOf = (cause: unknown): string | undefined => {
  for (let each = cause, depth = 0; depth < 4 && typeof each === "object" && each !== null; depth++) {
    if ("code" in each && typeof each.code === "string") return each.code
    each = "cause" in each ? each.cause : undefined
  }
  return undefined
}

const reasonOf = ({ reason }: HttpClientError.HttpClientError): string =>
  codeOf(reason.cause) ?? reason.description ?? "no connection"

/** For one signal. */
const bounded = Effect.fnUntraced(function*(signal: Signal, { timeout }: Target) {
  const client = yield* HttpClient.HttpClient
  const now = yield* Monotonic.now
  const tried = new WeakSet<HttpClientRequest.HttpClientRequest>()
  const turns = yield* Semaphore.make(maxUnderWay)
  let requests = 0
  let failedAt = Number.NEGATIVE_INFINITY
  let toldAt = Number.NEGATIVE_INFINITY
  let isTold = false

  const failed = (reason: string) =>
    Effect.suspend(() => {
      failedAt = now()
      if (failedAt - toldAt < toldMillis) return Effect.void
      toldAt = failedAt
      isTold = true
      return Effect.annotateLogs(Effect.logWarning("Otlp.failed"), { signal, reason })
    })

  const succeeded = Effect.suspend(() => {
    failedAt = Number.NEGATIVE_INFINITY
    if (!isTold) return Effect.void
    isTold = false
    return Effect.annotateLogs(Effect.logInfo("Otlp.recovered"), { signal })
  })

  return HttpClient.transform(client, (sent, request) =>
    Effect.suspend(() => {
      const isAgain = tried.has(request)
      if (!isAgain && now() - failedAt < failingMillis) return Effect.fail(lost(request))
      if (requests >= maxRequests) {
        return Effect.andThen(failed("the receiver does not keep up"), Effect.fail(lost(request)))
      }
      tried.add(request)
      requests++
      return sent.pipe(
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(late(request, timeout)) }),
        turns.withPermits(1),
        Effect.onExit((exit) => {
          requests--
          if (Exit.isSuccess(exit)) {
            return exit.value.status < 300 ? succeeded : failed(`the receiver answered ${exit.value.status}`)
          }
          const error = exit.cause.reasons.find((reason) => reason._tag === "Fail")
          return error === undefined ? Effect.void : failed(reasonOf(error.error))
        })
      )
    }))
})

export const receiverOf = (signal: Signal, target: Target): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(HttpClient.HttpClient, bounded(signal, target)).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(Layer.succeed(FetchHttpClient.Fetch, post))
  )
