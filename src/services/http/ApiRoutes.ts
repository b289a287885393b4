/** Answers what `Api` describes, and serves its description at `/openapi.json` and `/docs`. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { Effect, Layer } from "effect"
import type { HttpServerResponse } from "effect/http"
import { HttpApiBuilder, HttpApiMiddleware, HttpApiScalar } from "effect/http-api"
import type { IncomingMessage } from "node:http"
import type { UserId } from "../../domain/Ids.ts"
import { version } from "../../domain/version.ts"
import { Admission } from "../access/Admission.ts"
import { Bans, type Subject } from "../access/Bans.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import { Tickets } from "../access/Tickets.ts"
import { Authenticator, type Refused } from "../Authenticator.ts"
import { Readiness } from "../Readiness.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { connectRequest } from "../transport/connectRequest.ts"
import { Api, BadRequest } from "./Api.ts"
import { problem } from "./problem.ts"

const refused = (error: Refused | StoreError): HttpServerResponse.HttpServerResponse =>
  error._tag === "Refused"
    ? problem(error)
    : problem({ status: 503, message: "The store does not answer; try again later.", retryAfterSeconds: 1 })

const PublicHandlers = HttpApiBuilder.group(
  Api,
  "public",
  Effect.fn(function*(handlers) {
    const admission = yield* Admission
    const authenticator = yield* Authenticator
    const proxies = yield* TrustedProxies
    const readiness = yield* Readiness
    const tickets = yield* Tickets

    return handlers.handleAll({
      info: () =>
        Effect.succeed({ name: "switchboard" as const, version, auth: authenticator.mode ?? "custom" as const }),
      ticket: Effect.fnUntraced(function*({ payload: { device }, request }) {
        if (!(yield* readiness.accepting)) {
          return problem({ status: 503, message: "The server is stopping; ask again.", retryAfterSeconds: 1 })
        }
        const asked = {
          // Of the HTTP server on Node, which is the only one here.
          ...connectRequest(NodeHttpServerRequest.toIncomingMessage(request) as IncomingMessage, proxies),
          query: new URLSearchParams(device === undefined ? {} : { device })
        }
        const seat = yield* admission.approach(asked)
        seat.leave()
        const identity = yield* admission.identify(asked)
        const { expiresAt, ticket } = yield* tickets.issue(identity, asked.address)
        return { ticket, expires_at: expiresAt, user: identity.user }
      }, Effect.catchTag("Refused", (error) => Effect.succeed(refused(error))))
    })
  })
)

const subjectOf = ({ token_id, user }: { readonly user?: string; readonly token_id?: string }): Subject =>
  user === undefined ? { kind: "token", id: token_id ?? "" } : { kind: "user", id: user }

const AdminHandlers = HttpApiBuilder.group(
  Api,
  "admin",
  Effect.fn(function*(handlers) {
    const bans = yield* Bans
    const orRefused = <A>(effect: Effect.Effect<A, StoreError>) =>
      Effect.catchTag(effect, "StoreError", (error) => Effect.succeed(refused(error)))

    return handlers.handleAll({
      kick: ({ payload }) => Effect.map(bans.kick(subjectOf(payload)), (connections) => ({ connections })),
      ban: ({ payload }) => {
        const { reason, until } = payload
        return bans.ban(subjectOf(payload), {
          ...(until === undefined ? undefined : { until }),
          ...(reason === undefined ? undefined : { reason })
        }).pipe(Effect.map((connections) => ({ connections })), orRefused)
      },
      lift: ({ payload }) => bans.lift(subjectOf(payload)).pipe(Effect.map((lifted) => ({ lifted })), orRefused),
      bans: () =>
        Effect.map(bans.list, (list) => ({
          bans: list.map(({ id, kind, ...ban }) => ({
            ...(kind === "user" ? { user: id as UserId } : { token_id: id }),
            ...ban
          }))
        }))
    })
  })
)

const badRequest = HttpApiMiddleware.layerSchemaErrorTransform(BadRequest, ({ kind }) =>
  Effect.succeed(
    problem({ status: 400, message: `The request's ${kind.toLowerCase()} does not fit; see /docs for its shape.` })
  ))

/** Needs an `AdminAccess`: see the module of that name. */
export const api = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([PublicHandlers, AdminHandlers]),
  Layer.provide(badRequest)
)

export const docs = HttpApiScalar.layer(Api, { path: "/docs" })
