/** What stands before the endpoints of `Api`, whoever serves them: pages, bodies, requests that fit no description. */
import { ByteSize, Effect, Layer } from "effect"
import {
  HttpEffect,
  HttpIncomingMessage,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { HttpApiError } from "effect/http-api"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { type ProxyTrust, TrustedProxies } from "../access/ClientAddress.ts"
import { AllowedOrigins, allows, corsHeaders, originQuestion, preflightHeaders } from "../access/Origins.ts"
import { Api } from "../api/Api.ts"
import { BoundedBody, FittingRequest, FromPages, maxBodyBytes } from "../api/middlewares.ts"
import { misfit } from "../api/misfit.ts"
import { connectRequest } from "../transport/connectRequest.ts"
import { incomingOf } from "../transport/nodeRequest.ts"
import { webRequestOf } from "../transport/WebRequest.ts"
import { problem } from "./problem.ts"
import { refusing } from "./refusing.ts"

export const askedOf = (request: HttpServerRequest.HttpServerRequest, proxies: ProxyTrust): ConnectRequest =>
  webRequestOf(request)?.asked ?? connectRequest(incomingOf(request), proxies)

export const closing = HttpEffect.appendPreResponseHandler((_, response) =>
  Effect.succeed(HttpServerResponse.setHeader(response, "connection", "close"))
)

/** What a request has wrong, and not an answer of ours. */
const isMisfit = (error: unknown): error is HttpApiError.HttpApiSchemaError =>
  HttpApiError.HttpApiSchemaError.is(error) && error.kind !== "Body" && error.kind !== "ResponseHeaders"

const noJson = problem({ status: 415, message: "Send the body as JSON, with \"Content-Type: application/json\"." })

/** Said by the library in plain text. */
const isUnsupported = ({ headers, status }: HttpServerResponse.HttpServerResponse) =>
  status === 415 && headers["content-type"]?.startsWith("text/plain") === true

const makeBoundedBody = Effect.map(refusing, (refuse): BoundedBody["Service"] => {
  const tooLarge = Effect.andThen(
    closing,
    refuse({ status: 413, message: `A request may have ${maxBodyBytes} bytes; send less.` })
  )
  const bad = (message: string) => refuse({ status: 400, message })

  return Effect.fnUntraced(function*(httpEffect) {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    if (Number(headers["content-length"]) > maxBodyBytes) return yield* tooLarge
    return yield* httpEffect.pipe(
      Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBodyBytes)),
      Effect.map((response) => isUnsupported(response) ? noJson : response),
      Effect.catchIf(
        (error): error is typeof error & HttpApiError.HttpApiSchemaError => isMisfit(error),
        ({ cause, kind }) => bad(misfit(kind, cause))
      ),
      Effect.catchDefect((defect) =>
        HttpServerError.isHttpServerError(defect) && defect.reason._tag === "RequestParseError"
          ? defect.reason.reason === "BodyTooLarge" ? tooLarge : bad("The body is not JSON.")
          : Effect.die(defect)
      )
    )
  })
})

const boundedBody = Layer.effect(BoundedBody, makeBoundedBody)

const fittingRequest = Layer.effect(
  FittingRequest,
  Effect.map(refusing, (refuse): FittingRequest["Service"] => (httpEffect) =>
    Effect.catchIf(
      httpEffect,
      (error): error is typeof error & HttpApiError.HttpApiSchemaError => isMisfit(error),
      ({ cause, kind }) => refuse({ status: 400, message: misfit(kind, cause) })
    ))
)

/** What pages may do, and the answer with what lets their browser hand it on. */
const forPages = Effect.map(
  Effect.all([AllowedOrigins, TrustedProxies, refusing]),
  ([allowed, proxies, refuse]) =>
    Effect.fnUntraced(function*<E, R>(httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) {
      const asked = originQuestion(askedOf(yield* HttpServerRequest.HttpServerRequest, proxies))
      const headers = corsHeaders(allowed, asked)
      // Also of what goes wrong: a page has to know why.
      yield* HttpEffect.appendPreResponseHandler((_, response) =>
        Effect.succeed(HttpServerResponse.setHeaders(response, headers))
      )
      if (allows(allowed, asked)) return yield* httpEffect
      return yield* refuse({ status: 403, message: "Pages of this origin may not ask; allow it with --allow-origin." })
    })
)

const fromPages = Layer.effect(FromPages, forPages)

/** A browser asks first, for whatever is more than a simple form could send. */
const preflight = (methods: ReadonlyArray<string>) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    HttpServerResponse.empty({
      status: 204,
      headers: preflightHeaders(methods, headers["access-control-request-headers"])
    }))

/** For each path that is for clients. */
export const preflights = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const edge = yield* forPages
  const endpoints = [Api.groups.public, Api.groups.files].flatMap(({ endpoints }) =>
    Object.values<{ readonly path: HttpRouter.PathInput; readonly method: string }>(endpoints)
  )
  const paths = Map.groupBy(endpoints, ({ path }) => path)
  for (const [path, ofPath] of paths) {
    const allowed = edge(preflight(ofPath.map(({ method }) => method)))
    yield* router.add("OPTIONS", path, Effect.catchTag(allowed, "Refused", (no) => Effect.succeed(problem(no))))
  }
}))

export const layer = Layer.mergeAll(boundedBody, fittingRequest, fromPages)
