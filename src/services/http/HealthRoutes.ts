/** For load balancers and process managers, and the plain answer of `/ws` to those who do not upgrade. */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Readiness } from "../Readiness.ts"

const problem = (status: number, title: string, detail: string) =>
  HttpServerResponse.jsonUnsafe({ type: "about:blank", title, status, detail }, {
    status,
    contentType: "application/problem+json"
  })

const live = HttpRouter.add("GET", "/health/live", HttpServerResponse.jsonUnsafe({ status: "live" }))

const ready = HttpRouter.add(
  "GET",
  "/health/ready",
  Effect.gen(function*() {
    const reason = yield* (yield* Readiness).reason
    return reason === undefined
      ? HttpServerResponse.jsonUnsafe({ status: "ready" })
      : HttpServerResponse.jsonUnsafe({ status: "not ready", reason }, { status: 503 })
  })
)

const notUpgraded = HttpRouter.add(
  "GET",
  "/ws",
  HttpServerResponse.setHeaders(
    problem(426, "Upgrade Required", "Connect to this address with a WebSocket client."),
    { upgrade: "websocket", connection: "Upgrade, close" }
  )
)

const notFound = HttpRouter.add("*", "/*", problem(404, "Not Found", "There is nothing here; the chat is at /ws."))

/** The routes that Switchboard adds to an app's router. */
export const routes = Layer.mergeAll(live, ready, notUpgraded)

/** For a server of its own: everything else is a 404 with a problem body. */
export const fallback = notFound
