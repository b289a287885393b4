/** What there is, for people at `/docs` and for programs: the HTTP side at `/openapi.json`, the sockets at `/asyncapi.json`. */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
import { Api } from "../api/Api.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { TokenBucket } from "../kernel/TokenBuckets.ts"
import { Readiness } from "../Readiness.ts"
import * as Asset from "./Asset.ts"
import { asyncApi } from "./AsyncApi.ts"
import { problem } from "./problem.ts"

const bodyOf = ({ body }: HttpServerResponse.HttpServerResponse): Uint8Array =>
  body._tag === "Uint8Array" ? body.body : new Uint8Array()

/** With where it is, unless that is the root. */
const described = (base: string): typeof Api => base === "" ? Api : Api.annotate(OpenApi.Servers, [{ url: base }])

/** The page as effect renders it, taken from a router of its own, where it would be rendered for everybody anew. */
const scalar = Effect.fnUntraced(
  function*(base: string) {
    const path = "/docs"
    const router = yield* HttpRouter.make
    yield* Layer.build(HttpApiScalar.layer(described(base), { path })).pipe(
      Effect.provideService(HttpRouter.HttpRouter, router)
    )
    const asked = HttpServerRequest.fromWeb(new Request(`http://localhost${path}`))
    return bodyOf(yield* Effect.provideService(router.asHttpEffect(), HttpServerRequest.HttpServerRequest, asked))
  },
  Effect.scoped,
  Effect.orDie
)

/** How many copies all may have. Each is megabytes where it is not zipped, and people read it rarely. */
const copies = { perSecond: 5, burst: 20 }

const tooMany = problem({ status: 503, message: "Too many ask for this at the moment.", retryAfterSeconds: 1 })

const route = (path: `/${string}`, make: Effect.Effect<Asset.Asset>, when: "as it starts" | "when asked") =>
  HttpRouter.use(Effect.fnUntraced(function*(router) {
    const now = yield* Monotonic.now
    const asset = yield* Effect.cached(make)
    const { serving } = yield* Readiness
    if (when === "as it starts") yield* Effect.forkScoped(Effect.andThen(serving, asset))
    const left = new TokenBucket(copies, now())
    yield* router.add("GET", path, (request) =>
      Effect.map(asset, (found) => {
        const response = Asset.respond(found, request, { "x-content-type-options": "nosniff" })
        return response.status === 304 || left.take(copies, 1, now()) === 0 ? response : tooMany
      }))
  }))

/**
 * As soon as the server answers, and before many have come: it takes longer than anybody who is connected should have to
 * wait, and a third of what a start takes.
 */
export const docsPage = (base: string) =>
  route("/docs", Effect.flatMap(scalar(base), (body) => Asset.make(body, "text/html; charset=utf-8")), "as it starts")

export const socketApi = (base: string) =>
  route(
    "/asyncapi.json",
    Effect.suspend(() => Asset.make(Buffer.from(JSON.stringify(asyncApi(base))), "application/json")),
    "when asked"
  )

export const openApi = (base: string) =>
  route(
    "/openapi.json",
    Effect.suspend(() => Asset.make(Buffer.from(JSON.stringify(OpenApi.fromApi(described(base)))), "application/json")),
    "when asked"
  )
