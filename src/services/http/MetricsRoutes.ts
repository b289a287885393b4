/** The server's metrics at `/metrics`, as Prometheus reads them. */
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiBuilder, type HttpApiGroup, HttpApiSecurity } from "effect/http-api"
import type { Refused } from "../access/Authenticator.ts"
import { Api } from "../api/Api.ts"
import { AdminAccess } from "../api/middlewares.ts"
import { Metrics } from "../telemetry/Metrics.ts"
import { mounted } from "./mounted.ts"
import { problem } from "./problem.ts"

const contentType = "text/plain; version=0.0.4; charset=utf-8"

const refused = (no: Refused): HttpServerResponse.HttpServerResponse =>
  no.status === 401 ? HttpServerResponse.setHeader(problem(no), "www-authenticate", "Bearer") : problem(no)

const route = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const { bearer } = yield* AdminAccess
  const { text } = yield* Metrics
  const page = Effect.map(
    text,
    (body) => HttpServerResponse.text(body, { contentType, headers: { "cache-control": "no-store" } })
  )
  // Whoever may use the admin API may read them. To the compiler no group is like any other, which is what is asked for.
  const group = Api.groups.admin as unknown as HttpApiGroup.Top
  const endpoint = Api.groups.admin.endpoints.bans
  const answer = HttpApiBuilder.securityDecode(HttpApiSecurity.bearer).pipe(
    Effect.flatMap((credential) => bearer(page, { credential, endpoint, group })),
    Effect.catchTag("Refused", (no) => Effect.succeed(refused(no)))
  )
  yield* router.add("GET", "/metrics", answer)
}))

/** Needs an `AdminAccess`, as `ApiRoutes.layer` does: see the module of that name. */
export const layer = mounted(() => route)
