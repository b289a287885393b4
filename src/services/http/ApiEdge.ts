/** What stands before the endpoints of `Api`, whoever serves them: pages, bodies, requests that fit no description. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { ByteSize, Effect, Layer } from "effect"
import {
  HttpEffect,
  HttpIncomingMessage,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse
} from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import type { IncomingMessage } from "node:http"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { type ProxyTrust, TrustedProxies } from "../access/ClientAddress.ts"
import { AllowedOrigins, allows, corsHeaders, originQuestion, preflightHeaders } from "../access/Origins.ts"
import { connectRequest } from "../transport/connectRequest.ts"
import { Api, BadRequest, BoundedBody, FromPages, maxBodyBytes } from "./Api.ts"
import { problem } from "./problem.ts"

/** Of the HTTP server on Node, which is the only one here. */
export const askedOf = (request: HttpServerRequest.HttpServerRequest, proxies: ProxyTrust): ConnectRequest =>
  connectRequest(NodeHttpServerRequest.toIncomingMessage(request) as IncomingMessage, proxies)

const badRequest = HttpApiMiddleware.layerSchemaErrorTransform(BadRequest, ({ kind }) =>
  Effect.succeed(
    problem({ status: 400, message: `The request's ${kind.toLowerCase()} does not fit; see docs for its shape.` })
  ))

const tooLarge = HttpServerResponse.setHeader(
  problem({ status: 413, message: `A request may have ${maxBodyBytes} bytes; send less.` }),
  "connection",
  "close"
)

const unreadable = problem({ status: 400, message: "The request's body is not JSON; see docs for its shape." })

const boundedBody = Layer.succeed(
  BoundedBody,
  (httpEffect) =>
    Effect.flatMap(
      HttpServerRequest.HttpServerRequest,
      ({ headers }) =>
        Number(headers["content-length"]) > maxBodyBytes
          ? Effect.succeed(tooLarge)
          : httpEffect.pipe(
            Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(maxBodyBytes)),
            Effect.catchDefect((defect) =>
              HttpServerError.isHttpServerError(defect) && defect.reason._tag === "RequestParseError"
                ? Effect.succeed(defect.reason.reason === "BodyTooLarge" ? tooLarge : unreadable)
                : Effect.die(defect)
            )
          )
    )
)

const stranger = problem({ status: 403, message: "Pages of this origin may not ask; allow it with --allow-origin." })

/** What pages may do, and the answer with what lets their browser hand it on. */
const forPages = Effect.map(
  Effect.all([AllowedOrigins, TrustedProxies]),
  ([allowed, proxies]) => <E, R>(httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const asked = originQuestion(askedOf(request, proxies))
      const headers = corsHeaders(allowed, asked)
      return Effect.andThen(
        // Also of what goes wrong: a page has to know why.
        HttpEffect.appendPreResponseHandler((_, response) =>
          Effect.succeed(HttpServerResponse.setHeaders(response, headers))
        ),
        allows(allowed, asked) ? httpEffect : Effect.succeed(stranger)
      )
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
  const endpoints = Object.values(Api.groups.public.endpoints)
  const paths = Map.groupBy(endpoints, ({ path }) => path)
  for (const [path, ofPath] of paths) {
    yield* router.add("OPTIONS", path, edge(preflight(ofPath.map(({ method }) => method))))
  }
}))

export const layer = Layer.mergeAll(badRequest, boundedBody, fromPages)
