/** Returns what `Api` describes, and serves its description at `/openapi.json` and `/docs`, and that of the sockets at `/asyncapi.json`. */
import { Effect, Layer } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { defined } from "../../domain/defined.ts"
import { version } from "../../domain/version.ts"
import { Authenticator, type ConnectRequest, Refused } from "../access/Authenticator.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import { type OpenIdProvider, SignInProvider } from "../access/OpenIdProvider.ts"
import { Admission } from "../admission/Admission.ts"
import { Tickets } from "../admission/Tickets.ts"
import { Api } from "../api/Api.ts"
import { Asker, Credentials } from "../api/middlewares.ts"
import { Readiness } from "../Readiness.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { adminFallback } from "./adminFallback.ts"
import { AdminFileHandlers } from "./AdminFileHandlers.ts"
import * as ApiEdge from "./ApiEdge.ts"
import { askedOf, preflights } from "./ApiEdge.ts"
import { AdminHandlers, BanHandlers } from "./BanHandlers.ts"
import { ConnectionHandlers } from "./ConnectionHandlers.ts"
import { docsPage, openApi, socketApi } from "./DocsRoutes.ts"
import { FileHandlers } from "./FileHandlers.ts"
import { GroupHandlers } from "./GroupHandlers.ts"
import { MessageHandlers } from "./MessageHandlers.ts"
import { mounted } from "./mounted.ts"
import { ReportHandlers } from "./ReportHandlers.ts"
import { ServerHandlers } from "./ServerHandlers.ts"
import { UserHandlers } from "./UserHandlers.ts"
import { WebhookEventHandlers } from "./WebhookEventHandlers.ts"

const oidcOf = ({ asked, clientId, issuer, known }: OpenIdProvider) => ({
  issuer,
  client_id: clientId,
  scope: asked(),
  ...defined({ provider: known() })
})

const PublicHandlers = HttpApiBuilder.group(
  Api,
  "public",
  Effect.fn(function*(handlers) {
    const admission = yield* Admission
    const authenticator = yield* Authenticator
    const tickets = yield* Tickets
    const signIn = yield* SignInProvider

    return handlers.handleAll({
      info: () =>
        Effect.succeed({
          name: "switchboard" as const,
          version,
          auth: authenticator.mode ?? "custom" as const,
          ...(signIn === undefined ? undefined : { oidc: oidcOf(signIn) })
        }),
      ticket: Effect.fnUntraced(function*({ payload: { device } }) {
        const { asked, identity: shown } = yield* Asker
        const identity = device === undefined && shown !== undefined
          ? shown
          : yield* admission.identify({ ...asked, query: new URLSearchParams(device === undefined ? {} : { device }) })
        const { expiresAt, ticket } = yield* tickets.issue(identity, asked.address)
        return { ticket, expires_at: expiresAt, user: identity.user }
      })
    })
  })
)

const noQuery = new URLSearchParams()

/** Before the body is read: who may not come in at all need not send one. */
const credentials = Layer.effect(
  Credentials,
  Effect.gen(function*() {
    const admission = yield* Admission
    const { refused } = yield* CurrentMeters
    const proxies = yield* TrustedProxies
    const readiness = yield* Readiness

    const asker = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
      if (!(yield* readiness.accepting)) {
        return yield* new Refused({ status: 503, message: "The server is stopping; ask again.", retryAfterSeconds: 1 })
      }
      const asked: ConnectRequest = { ...askedOf(request, proxies), query: noQuery }
      yield* admission.checkAddress(asked)
      const identity = yield* admission.identify(asked).pipe(
        // Something is missing, which may be the device.
        Effect.catchIf(({ status }) => status === 400, () => Effect.undefined)
      )
      return Asker.of({ asked, identity })
    }, Effect.tapError(({ status }) => Effect.sync(() => refused.add(String(status)))))

    return (httpEffect) =>
      Effect.provideServiceEffect(httpEffect, Asker, Effect.flatMap(HttpServerRequest.HttpServerRequest, asker))
  })
)

/** Needs an `AdminAccess`: see the module of that name. */
export const layer = mounted((base) =>
  Layer.mergeAll(HttpApiBuilder.layer(Api), preflights, openApi(base), socketApi(base), adminFallback(base))
).pipe(
  Layer.provide([
    PublicHandlers,
    FileHandlers,
    AdminHandlers,
    UserHandlers,
    ConnectionHandlers,
    BanHandlers,
    ServerHandlers
  ]),
  Layer.provide([MessageHandlers, GroupHandlers, AdminFileHandlers, ReportHandlers, WebhookEventHandlers]),
  Layer.provide([ApiEdge.layer, credentials])
)

/** What the API says of itself, for people. */
export const layerDocs = mounted(docsPage)
