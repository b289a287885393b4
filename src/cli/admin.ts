/** The admin API of `serve`: with a token on the main port, or on a port of its own. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, Option, Redacted } from "effect"
import { HttpRouter } from "effect/http"
import { createServer } from "node:http"
import { BasePath } from "../services/BasePath.ts"
import * as AdminAccess from "../services/http/AdminAccess.ts"
import * as ApiRoutes from "../services/http/ApiRoutes.ts"
import * as HealthRoutes from "../services/http/HealthRoutes.ts"
import * as MetricsRoutes from "../services/http/MetricsRoutes.ts"
import { longNames } from "../services/transport/longNames.ts"
import { listenError, userError } from "./errors.ts"
import * as flags from "./flags.ts"

export const adminFlags = {
  adminToken: flags.secret("admin-token", "Opens the admin API on the main port to whoever has it"),
  adminPort: flags.int("admin-port", 0, "Port of the admin API without a token, on loopback; 0 is none", 65_535)
}

const host = "127.0.0.1"

/** Who may use the admin API on the main port. */
export const mainAccess = Effect.fnUntraced(function*({ adminToken }: flags.Input<typeof adminFlags>) {
  if (Option.isNone(adminToken)) return AdminAccess.layerOff
  if (Redacted.value(adminToken.value).length < AdminAccess.minTokenLength) {
    return yield* userError(`Give --admin-token at least ${AdminAccess.minTokenLength} characters.`)
  }
  return AdminAccess.layerToken(adminToken.value)
})

/** The server on the admin port, if there is to be one. */
export const adminServer = ({ adminPort }: flags.Input<typeof adminFlags>) => {
  if (adminPort === 0) return Layer.empty
  // Of two routes for the same path the router keeps the first, so the fallback comes last.
  const routes = HealthRoutes.layerAdminFallback.pipe(
    Layer.provideMerge(Layer.mergeAll(
      Layer.mergeAll(ApiRoutes.layer, MetricsRoutes.layer).pipe(Layer.provide(AdminAccess.layerAdminPort)),
      ApiRoutes.layerDocs,
      HealthRoutes.layer
    ))
  )
  return Layer.fresh(HttpRouter.serve(routes, { disableListenLog: true, disableLogger: true })).pipe(
    // A port of its own has nothing beside it to keep apart from.
    Layer.provide([Layer.succeed(BasePath, ""), longNames]),
    Layer.provide(NodeHttpServer.layer(createServer, { host, port: adminPort, gracefulShutdownTimeout: 0 })),
    Layer.catchTag(
      "ServeError",
      (error) => Layer.effectDiscard(listenError(host, adminPort, error.cause, "admin-port"))
    )
  )
}
