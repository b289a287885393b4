/** The page over HTTP, from a directory like the one that its build makes. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer, request } from "node:http"
import { gunzipSync } from "node:zlib"
import { Authenticator } from "../../../src/services/access/Authenticator.ts"
import * as JwtAuthenticator from "../../../src/services/access/JwtAuthenticator.ts"
import * as JwtKeys from "../../../src/services/access/JwtKeys.ts"
import { type OpenIdProvider, SignInProvider } from "../../../src/services/access/OpenIdProvider.ts"
import * as HealthRoutes from "../../../src/services/http/HealthRoutes.ts"
import * as WebRoutes from "../../../src/services/http/WebRoutes.ts"
import { runCommand, startServer } from "../../support/ServerProcess.ts"
import { temporaryDirectory } from "../../support/stores.ts"

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Buffer
}

/** As it is written, without what `fetch` would tidy up. */
const get = (port: number, path: string, headers: Record<string, string> = {}, method = "GET") =>
  Effect.callback<Answer>((resume) => {
    request({ port, path, headers, method, host: "127.0.0.1" }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resume(Effect.succeed({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks)
        })))
    }).end()
  })

const html = "<!doctype html><title>page</title>"
const script = `console.log(${JSON.stringify("x".repeat(5_000))})`

/** A page of three files, and a secret beside its directory. */
const files = Effect.map(temporaryDirectory, (root) => {
  mkdirSync(`${root}/web/assets`, { recursive: true })
  writeFileSync(`${root}/secret.txt`, "secret")
  writeFileSync(`${root}/web/index.html`, html)
  writeFileSync(`${root}/web/sw.js`, script)
  writeFileSync(`${root}/web/manifest.webmanifest`, "{}")
  writeFileSync(`${root}/web/assets/index-abc.js`, script)
  writeFileSync(`${root}/web/assets/index-abc.css`, "body{}")
  return `${root}/web`
})

const serve = Effect.fnUntraced(function*<E = never>(
  directory: string,
  // Most ask nobody who they are, and the routes do without.
  access: Layer.Layer<Authenticator, E> = Layer.empty as never
) {
  const routes = HealthRoutes.layerFallback.pipe(
    Layer.provideMerge(WebRoutes.layerIn(directory)),
    Layer.provide(access),
    Layer.provide(NodeServices.layer)
  )
  const server = HttpRouter.serve(routes, { disableListenLog: true, disableLogger: true }).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" }))
  )
  const { address } = Context.get(yield* Layer.build(server), HttpServer.HttpServer)
  return address._tag === "UnixPathAddress" ? 0 : address.port
})

describe("the page over HTTP", () => {
  it.live("is there, with a policy that allows nothing from elsewhere", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      for (const path of ["/", "/?x=1", "/index.html"]) {
        const { body, headers, status } = yield* get(port, path)
        assert.deepStrictEqual([status, body.toString()], [200, html])
        assert.strictEqual(headers["content-type"], "text/html; charset=utf-8")
        assert.strictEqual(headers["cache-control"], "no-cache")
        assert.strictEqual(headers["x-content-type-options"], "nosniff")
        assert.strictEqual(headers["referrer-policy"], "no-referrer")
        assert.strictEqual(headers["cross-origin-opener-policy"], "same-origin")
        const host = `127.0.0.1:${port}`
        assert.deepStrictEqual(String(headers["content-security-policy"]).split("; "), [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          `connect-src 'self' ws://${host} wss://${host}`,
          "img-src 'self' blob: data:",
          "media-src 'self' blob:",
          "manifest-src 'self'",
          "worker-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'"
        ])
      }
    }).pipe(Effect.scoped))

  it.live("P8 pictures from elsewhere are allowed where tokens name them, over https, and nothing else is", () =>
    Effect.gen(function*() {
      const directory = yield* files
      const policyOf = (port: number) =>
        Effect.map(get(port, "/"), ({ headers }) => String(headers["content-security-policy"]).split("; "))
      const plain = yield* serve(directory, Authenticator.layerPhoneHeader)
      const keys = JwtKeys.fromSecret("a secret of at least thirty-two bytes")
      const signed = yield* serve(directory, JwtAuthenticator.layer({ keys }))
      const [strict, open] = [yield* policyOf(plain), yield* policyOf(signed)]
      assert.include(strict, "img-src 'self' blob: data:")
      assert.include(open, "img-src 'self' blob: data: https:")
      const others = (policy: ReadonlyArray<string>) => policy.filter((each) => !/^(img|connect)-src/.test(each))
      assert.deepStrictEqual(others(open), others(strict))
      assert.notMatch(open.filter((each) => !each.startsWith("img-src")).join(), /https?:/)
    }).pipe(Effect.scoped))

  it.live("may ask the provider for tokens from the start, and where that says that it has them once it has", () =>
    Effect.gen(function*() {
      const directory = yield* files
      let endpoint: string | undefined
      const provider = {
        issuer: "https://id.example/tenant",
        known: () => endpoint === undefined ? undefined : { token_endpoint: endpoint }
      } as OpenIdProvider
      const port = yield* serve(
        directory,
        Layer.merge(Authenticator.layerPhoneHeader, Layer.succeed(SignInProvider, provider))
      )
      const talksTo = Effect.map(
        get(port, "/"),
        ({ headers }) => /connect-src ([^;]+)/.exec(String(headers["content-security-policy"]))![1]!.split(" ").slice(3)
      )
      assert.deepStrictEqual(yield* talksTo, ["https://id.example"])
      endpoint = "https://tokens.example/oauth/token"
      assert.deepStrictEqual(yield* talksTo, ["https://tokens.example"])
    }).pipe(Effect.scoped))

  it.live("answers HEAD as it would GET, without the body", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      for (const [path, expected] of [["/", 200], ["/assets/index-abc.js", 200], ["/not-there", 404]] as const) {
        const { body, headers, status } = yield* get(port, path, {}, "HEAD")
        assert.deepStrictEqual([status, body.length], [expected, 0])
        assert.strictEqual(headers["content-type"], (yield* get(port, path)).headers["content-type"])
      }
    }).pipe(Effect.scoped))

  it.live("a host that is not one does not get into the policy", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      const { headers } = yield* get(port, "/", { host: "x; script-src *" })
      assert.include(String(headers["content-security-policy"]), "connect-src 'self';")
      assert.notInclude(String(headers["content-security-policy"]), "script-src *")
    }).pipe(Effect.scoped))

  it.live("is sent once, as long as it is the same", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      const etag = String((yield* get(port, "/")).headers["etag"])
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const { body, status } = yield* get(port, "/", { "if-none-match": known })
        assert.deepStrictEqual([status, body.length], [304, 0])
      }
      assert.strictEqual((yield* get(port, "/", { "if-none-match": "\"other\"" })).status, 200)
    }).pipe(Effect.scoped))

  it.live("files with a hash in their name are kept for good, and compressed for those who can", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      const plain = yield* get(port, "/assets/index-abc.js")
      assert.deepStrictEqual([plain.status, plain.body.toString()], [200, script])
      assert.strictEqual(plain.headers["content-type"], "text/javascript; charset=utf-8")
      assert.strictEqual(plain.headers["cache-control"], "public, max-age=31536000, immutable")
      const zipped = yield* get(port, "/assets/index-abc.js", { "accept-encoding": "br, gzip" })
      assert.strictEqual(zipped.headers["content-encoding"], "gzip")
      assert.strictEqual(gunzipSync(zipped.body).toString(), script)
      assert.notStrictEqual(zipped.headers["etag"], plain.headers["etag"])
      const refused = yield* get(port, "/assets/index-abc.js", { "accept-encoding": "gzip;q=0" })
      assert.isUndefined(refused.headers["content-encoding"])
    }).pipe(Effect.scoped))

  it.live("the service worker and the manifest are asked for anew, with the page's policy", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      const types = [["/sw.js", "text/javascript; charset=utf-8"], [
        "/manifest.webmanifest",
        "application/manifest+json"
      ]]
      for (const [path, type] of types) {
        const { headers, status } = yield* get(port, path!)
        assert.deepStrictEqual([status, headers["content-type"], headers["cache-control"]], [200, type, "no-cache"])
        assert.include(String(headers["content-security-policy"]), "worker-src 'self'")
      }
    }).pipe(Effect.scoped))

  it.live("nothing beside the page can be reached", () =>
    Effect.gen(function*() {
      const port = yield* serve(yield* files)
      for (
        const path of [
          "/../secret.txt",
          "/assets/../../secret.txt",
          "/assets/%2e%2e/%2e%2e/secret.txt",
          "/..%2fsecret.txt",
          "//secret.txt",
          "/assets",
          "/assets/",
          "/assets/index-abc.js/x",
          "/nothing"
        ]
      ) {
        const { body, headers, status } = yield* get(port, path)
        assert.strictEqual(status, 404, path)
        assert.strictEqual(headers["content-type"], "application/problem+json", path)
        assert.notInclude(body.toString(), "\"secret\"")
      }
    }).pipe(Effect.scoped))

  it.live("a page that was never built is a 503 that says what to do", () =>
    Effect.gen(function*() {
      const { body, status } = yield* get(yield* serve("/nowhere/at/all"), "/")
      assert.strictEqual(status, 503)
      assert.include(body.toString(), "npm run build")
    }).pipe(Effect.scoped))
})

describe("switchboard serve", () => {
  it.live("serves no page with --no-web, nor with its variable", () =>
    Effect.gen(function*() {
      const flagged = yield* startServer(["--store", "memory", "--no-web"])
      const variable = yield* startServer(["--store", "memory"], { SWITCHBOARD_NO_WEB: "true" })
      for (const { port } of [flagged, variable]) {
        assert.strictEqual((yield* get(port, "/")).status, 404)
        assert.strictEqual((yield* get(port, "/health/live")).status, 200)
      }
      assert.match((yield* runCommand(["serve", "--help"])).output, /--no-web .*SWITCHBOARD_NO_WEB/)
    }).pipe(Effect.scoped))
})
