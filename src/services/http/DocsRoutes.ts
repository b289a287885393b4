/** What `Api` says of itself, for people at `/docs` and for programs at `/openapi.json`. */
import { Effect } from "effect"
import { HttpRouter, HttpServerRequest, type HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
import { gzip } from "node:zlib"
import { Api } from "./Api.ts"
import { type Asset, etagOf, respond } from "./Asset.ts"

/** Not in this thread: zipping three megabytes takes as long as some thousand messages. */
const zipped = (body: Uint8Array) =>
  Effect.callback<Uint8Array>((resume) => {
    gzip(body, (error, zipped) => resume(error === null ? Effect.succeed(zipped) : Effect.die(error)))
  })

const assetOf = Effect.fnUntraced(function*(text: string, contentType: string) {
  const body = Buffer.from(text)
  const asset: Asset = { body, zipped: yield* zipped(body), etag: etagOf(body), contentType, immutable: false }
  return asset
})

const textOf = ({ body }: HttpServerResponse.HttpServerResponse): string =>
  body._tag === "Uint8Array" ? Buffer.from(body.body).toString() : ""

/** The page as effect renders it, taken from the route that would render it for everybody anew. */
const scalar = Effect.gen(function*() {
  const path = "/docs"
  const page = yield* HttpRouter.toHttpEffect(HttpApiScalar.layer(Api, { path }))
  const asked = HttpServerRequest.fromWeb(new Request(`http://localhost${path}`))
  return textOf(yield* Effect.provideService(page, HttpServerRequest.HttpServerRequest, asked))
}).pipe(Effect.scoped, Effect.orDie)

/** Made when somebody first asks, since most servers are never asked. */
const route = (path: `/${string}`, make: Effect.Effect<Asset>) =>
  HttpRouter.use(Effect.fnUntraced(function*(router) {
    const asset = yield* Effect.cached(make)
    yield* router.add("GET", path, (request) =>
      Effect.map(asset, (found) =>
        respond(found, request, { "x-content-type-options": "nosniff" })))
  }))

export const docs = route("/docs", Effect.flatMap(scalar, (text) => assetOf(text, "text/html; charset=utf-8")))

export const openApi = route(
  "/openapi.json",
  Effect.suspend(() => assetOf(JSON.stringify(OpenApi.fromApi(Api)), "application/json"))
)
