/**
 * The page, from its build in `dist/web`. Every file is a route of its own, read once: a path that is not one of them
 * is not looked up anywhere, so none can lead out of the directory.
 */
import { Effect, FileSystem, Layer, Option } from "effect"
import { HttpRouter, type HttpServerRequest, HttpServerResponse } from "effect/http"
import { fileURLToPath } from "node:url"
import { Authenticator } from "../access/Authenticator.ts"
import { type OpenIdProvider, SignInProvider } from "../access/OpenIdProvider.ts"
import * as Asset from "./Asset.ts"
import { mounted } from "./mounted.ts"
import { problem } from "./problem.ts"

/**
 * The same place for `src/services/http` in the repository and for `dist/services/http` in the package. Where modules have
 * been put together, as in the binary, the page stands beside what they have become.
 */
const place = /\/WebRoutes\.[jt]s$/.test(import.meta.url) ? "../../../dist/web" : "./web"

export const builtPage = fileURLToPath(new URL(place, import.meta.url))

const contentTypes: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json"
}

/** What the page may reach beside this server, because of how its users sign in. */
interface Elsewhere {
  readonly signIn: OpenIdProvider | undefined
  /** Tokens name pictures of people by https addresses. */
  readonly pictures: boolean
}

/** Scripts and styles only from files, talk only to this server, no frame around, nothing else. */
const contentSecurityPolicy = (host: string | undefined, { pictures, signIn }: Elsewhere): string => {
  // Older browsers do not count the sockets of the same host as 'self'. The header is the client's own word.
  const sockets = host !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : ""
  // Where the page takes its tokens from; until the provider has said where, most probably from itself.
  const token = signIn?.known()?.token_endpoint ?? signIn?.issuer
  const tokens = token === undefined ? "" : ` ${new URL(token).origin}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self'${sockets}${tokens}`,
    // Thumbnails that come with messages, and files that have just been chosen.
    `img-src 'self' blob: data:${pictures ? " https:" : ""}`,
    "media-src 'self' blob:",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
}

const secure = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin"
}

const notBuilt = (base: string) =>
  problem({
    status: 503,
    message: `The page is not built here; run npm run build, or start with --no-web. The chat is at ${base}/ws.`
  })

/** The files of the page; none when it was never built. */
type Page = ReadonlyArray<readonly [name: string, asset: Asset.Asset]>

const assetOf = (name: string, body: Uint8Array) =>
  Asset.make(
    body,
    contentTypes[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream",
    // Vite puts a hash into these names.
    name.startsWith("assets/")
  )

/** Before the server listens, so that from then on all that is asked for is there. */
const read = Effect.fn("WebRoutes.read")(
  function*(directory: string) {
    const files = yield* FileSystem.FileSystem
    const names = yield* files.readDirectory(directory, { recursive: true })
    return yield* Effect.forEach(names.filter((name) => /\.[a-z0-9]+$/.test(name)), (name) =>
      Effect.map(
        Effect.flatMap(files.readFile(`${directory}/${name}`), (body) => assetOf(name, body)),
        (asset) => [name, asset] as const
      ))
  },
  Effect.orElseSucceed((): Page => [])
)

const routesOf = (base: string, elsewhere: Elsewhere) => ([name, asset]: Page[number]) => {
  const handler = (request: HttpServerRequest.HttpServerRequest) =>
    Effect.succeed(Asset.respond(asset, request, {
      ...secure,
      "content-security-policy": contentSecurityPolicy(request.headers["host"], elsewhere)
    }))
  if (name !== "index.html") return [HttpRouter.route("GET", `/${name}`, handler)]
  return [
    HttpRouter.route("GET", "/index.html", handler),
    // Its files are named from where it is, which without the slash would be its parent.
    HttpRouter.route("GET", "/", (request) =>
      base === "" || request.originalUrl.split("?")[0]!.endsWith("/")
        ? handler(request)
        : Effect.succeed(HttpServerResponse.redirect(`${base}/`, { status: 308 })))
  ]
}

const routes = (
  page: Page,
  base: string,
  elsewhere: Elsewhere
): ReadonlyArray<HttpRouter.Route<never, never>> =>
  page.length === 0 ? [HttpRouter.route("GET", "/", notBuilt(base))] : page.flatMap(routesOf(base, elsewhere))

/** The page that was built into this directory, with its files; a 503 that says what to do when there is none. */
export const layerIn = (directory: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const page = yield* read(directory)
    const authenticator = yield* Effect.serviceOption(Authenticator)
    const elsewhere = {
      signIn: yield* SignInProvider,
      pictures: Option.isSome(authenticator) && authenticator.value.mode === "jwt"
    }
    return mounted((base) => HttpRouter.addAll(routes(page, base, elsewhere)))
  }))

/** The page at the root, or at the base path. */
export const layer = layerIn(builtPage)
