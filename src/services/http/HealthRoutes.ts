/** For load balancers and process managers, and the plain answer of `/ws` to those who do not upgrade. */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerError, HttpServerResponse } from "effect/http"
import { BasePath } from "../BasePath.ts"
import { Cluster } from "../cluster/Cluster.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import { Readiness } from "../Readiness.ts"
import { mounted } from "./mounted.ts"
import { problem } from "./problem.ts"

const live = HttpRouter.add(
  "GET",
  "/health/live",
  Effect.gen(function*() {
    return (yield* (yield* Lifeline).isBroken)
      ? HttpServerResponse.jsonUnsafe({ status: "broken" }, { status: 503 })
      : HttpServerResponse.jsonUnsafe({ status: "live" })
  })
)

/** Of one server among several: the others, and what carries the news. Without a bus it serves all the same. */
const cluster = Effect.gen(function*() {
  const cluster = yield* Cluster
  if (cluster === undefined) return {}
  const { bus: { healthy, kind }, node, nodes } = yield* cluster.status
  return {
    node,
    bus: { kind, status: healthy ? "up" : "down" },
    nodes: nodes.map(({ draining, node }) => ({ node, status: draining ? "draining" : "up" }))
  }
})

const ready = HttpRouter.add(
  "GET",
  "/health/ready",
  Effect.gen(function*() {
    const reason = yield* (yield* Readiness).reason
    const others = yield* cluster
    return reason === undefined
      ? HttpServerResponse.jsonUnsafe({ status: "ready", ...others })
      : HttpServerResponse.jsonUnsafe({ status: "not ready", reason, ...others }, { status: 503 })
  })
)

const notUpgraded = HttpRouter.add(
  "GET",
  "/ws",
  HttpServerResponse.setHeaders(
    problem({ status: 426, message: "Connect to this address with a WebSocket client." }),
    { upgrade: "websocket", connection: "Upgrade, close" }
  )
)

const isLost = (error: unknown): boolean =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

/**
 * Without HEAD: the router answers it as it would a GET, which the routes before this one may have. Of a method that is
 * none of these, and of a path that is not percent-encoded as it should be, the router finds no route at all.
 */
const notFound = (message: string) => {
  const nothing = problem({ status: 404, message })
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const
  return Layer.merge(
    HttpRouter.addAll(methods.map((method) => HttpRouter.route(method, "/*", nothing))),
    HttpRouter.middleware(
      (answering) => Effect.catch(answering, (error) => isLost(error) ? Effect.succeed(nothing) : Effect.fail(error)),
      { global: true }
    )
  )
}

/** The routes that Switchboard adds to an app's router. */
export const layer = mounted(() => Layer.mergeAll(live, ready, notUpgraded))

/** For a server of its own: everything else is a 404 with a problem body, under whatever path. */
export const layerFallback = Layer.unwrap(
  Effect.map(BasePath, (base) => notFound(`There is nothing here; the chat is at ${base}/ws.`))
)

/** The same for a server that has the admin API alone. */
export const layerAdminFallback = notFound("There is nothing here; GET /docs says what there is on this port.")
