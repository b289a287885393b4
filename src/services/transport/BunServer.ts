/**
 * An `HttpServer` on Bun whose upgrades for `/ws`, under the `BasePath`, go to the Gateway. Use it in place of `NodeServer`
 * where the program runs on Bun: `docs/operations.md` says what is different there.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Deferred, Effect, FiberSet, Layer, Schedule, Scope } from "effect"
import { Etag, HttpPlatform, HttpServer, HttpServerError } from "effect/http"
import { NetAddress } from "effect/net"
import { BasePath } from "../BasePath.ts"
import { OtherServers } from "../OtherServers.ts"
import { Readiness } from "../Readiness.ts"
import { Settings } from "../Settings.ts"
import { bun, type BunListener, type BunOptions } from "./bun.ts"
import type { BunConnection } from "./BunConnection.ts"
import * as BunPending from "./BunPending.ts"
import * as BunRequests from "./BunRequests.ts"
import * as BunUpgrades from "./BunUpgrades.ts"
import type { Certificate, TlsFiles } from "./Certificate.ts"
import { Gateway } from "./Gateway.ts"
import { longNames } from "./longNames.ts"
import { RequestGate } from "./RequestGate.ts"
import * as Tls from "./Tls.ts"
import { targetOf } from "./WebRequest.ts"

export interface ListenOptions {
  readonly port?: number
  /** Loopback where nothing is said. */
  readonly host?: string
  /** A socket of the file system, in place of port and host. */
  readonly path?: string
}

/**
 * Listens on a port for HTTP and WebSocket, on loopback unless `options` name a `host`. Fails with `ServeError` when it
 * cannot. When its scope closes, clients are told to reconnect and what they said is kept before anything else stops
 * (P10).
 */
export const layer = (options: ListenOptions) => listening(options, undefined)

const listening = (options: ListenOptions, secure: Secure | undefined) =>
  Layer.mergeAll(
    Layer.effect(HttpServer.HttpServer, make(options, secure)),
    HttpPlatform.layer.pipe(Layer.provideMerge(NodeServices.layer)),
    Etag.layerWeak,
    longNames
  ).pipe(Layer.provideMerge(Gateway.layer))

/**
 * The same over TLS, for `https` and `wss`: fails with `TlsError`, whose sentence names the file, where they will not do.
 * They are read again when they change, or when `Tls` is told to. Bun cannot give a listener another certificate, so it
 * listens anew: who is connected stays.
 */
export const layerTls = (files: TlsFiles, options: ListenOptions) =>
  Layer.unwrap(Effect.gen(function*() {
    const secure = new Secure()
    const { certificate, tls } = yield* Tls.watch(files, (renewed) => secure.renew(renewed))
    secure.certificate = certificate
    return Layer.merge(listening(options, secure), Layer.succeed(Tls.Tls, tls))
  }))

/** The certificate of a listener, and how it begins anew. */
class Secure {
  certificate: Certificate | undefined
  listenAnew: Effect.Effect<void> = Effect.void

  renew(certificate: Certificate): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.certificate = certificate
      return this.listenAnew
    })
  }
}

/** What Bun can be told to wait at most, in seconds. */
const longestWait = 255

/** In seconds, as Bun counts. 0 is no bound. */
const secondsOf = (millis: number): number => millis === 0 ? 0 : Math.min(longestWait, Math.ceil(millis / 1_000))

const retryMillis = 100

/** Bodies have the bounds of those who read them. */
const anySize = Number.MAX_SAFE_INTEGER

const bunOrFail = () => {
  if (bun === undefined) throw new Error("BunServer runs on Bun alone; use NodeServer on Node.")
  return bun
}

const mistake = (): Response => new Response("The server made a mistake; try again later.", { status: 500 })

const tlsOf = ({ certificate }: Secure) => {
  const { cert, key } = certificate!.context
  return { cert: String(cert), key: String(key) }
}

const isUpgrade = ({ headers }: Request): boolean => headers.get("upgrade")?.toLowerCase() === "websocket"

const make = Effect.fnUntraced(function*(
  { host = "127.0.0.1", path, port = 0 }: ListenOptions,
  secure: Secure | undefined
) {
  const base = yield* BasePath
  const gateway = yield* Gateway
  const others = yield* OtherServers
  const readiness = yield* Readiness
  const { handshakeMillis } = yield* Settings
  const idleTimeout = secondsOf(handshakeMillis)
  const gate = new RequestGate()
  const requests = yield* BunRequests.make({ secure: secure !== undefined, idleTimeout })
  const chat = yield* BunUpgrades.make
  const run = yield* FiberSet.makeRuntimePromise<never>()
  const opened = yield* Deferred.make<BunRequests.Handler>()
  const isGatewayUrl = (url: string) => url === `${base}/ws` || url.startsWith(`${base}/ws?`)

  const answer = (request: Request, server: BunListener<BunConnection>, handle: BunRequests.Handler) => {
    const web = requests.known(request, server, settle)
    if (isUpgrade(request)) {
      if (isGatewayUrl(targetOf(request.url))) return chat.arrive(web, server)
      // Bun makes a WebSocket of nothing else, and forgets how long it may wait.
      web.mayWait = false
      web.end()
    }
    const tooOften = requests.tooOften(web)
    if (tooOften !== undefined) return Promise.resolve(tooOften)
    return new Promise<Response>((resolve) => gate.enter(() => resolve(handle(web))))
  }

  let handler: BunRequests.Handler | undefined
  const options: Omit<BunOptions<BunConnection>, "tls"> = {
    ...(path === undefined ? { hostname: host, port } : { unix: path }),
    idleTimeout,
    maxRequestBodySize: anySize,
    development: false,
    fetch: (request, server) =>
      handler !== undefined
        ? answer(request, server, handler)
        // Whoever comes before there is anybody to answer is answered then.
        : run(Deferred.await(opened)).then((handle) => answer(request, server, handle)),
    error: mistake,
    websocket: chat.handlers
  }
  const listen = (port: number) =>
    Effect.try({
      try: () =>
        bunOrFail().serve({
          ...options,
          ...(path === undefined ? { port } : undefined),
          ...(secure === undefined ? undefined : { tls: tlsOf(secure) })
        }),
      catch: (cause) => new HttpServerError.ServeError({ cause })
    })
  const server = yield* listen(port)
  const listeners = [server]
  // A listener that has stopped does not know it any more.
  const bound = server.port ?? port
  // Nobody is answered before it is there.
  const settle = server.address === null || path !== undefined
    ? BunPending.unbounded
    : yield* BunPending.make({ address: server.address.address, port: bound })
  let isStopped = false
  const stop = () => {
    isStopped = true
    for (const each of listeners) void each.stop()
  }
  if (secure !== undefined) {
    secure.listenAnew = Effect.suspend(() => {
      if (isStopped) return Effect.void
      void listeners.at(-1)!.stop()
      // Whoever has the port for a moment gives it back, or there is nobody to hear of it.
      return Effect.retry(listen(bound), { schedule: Schedule.spaced(retryMillis) }).pipe(
        Effect.map((next) => {
          listeners.push(next)
        }),
        Effect.orDie
      )
    })
  }
  // The last finalizer here: the clients were told by now, and what is left are idle HTTP connections.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isStopped = true
      for (const each of listeners) void each.stop(true)
    })
  )

  return HttpServer.make({
    address: yield* addressOf(server, path),
    serve: Effect.fnUntraced(function*(httpApp, middleware) {
      const scope = yield* Effect.scope
      const inner = Scope.forkUnsafe(scope, "parallel")
      const handle = yield* Scope.provide(requests.handlerOf(httpApp, middleware), inner)
      handler = handle
      Deferred.doneUnsafe(opened, Effect.succeed(handle))
      yield* readiness.beginServing
      yield* Scope.addFinalizer(
        scope,
        Effect.gen(function*() {
          yield* readiness.stopAccepting
          // Alone, the port is free at once for the one that takes its place. With others, whoever comes meanwhile, and
          // whatever asks for its health, hears that it stops.
          if (others() === 0) stop()
          yield* gateway.drain
          stop()
        })
      )
    })
  })
})

const addressOf = ({ address, port }: BunListener<BunConnection>, path: string | undefined) =>
  path !== undefined || address === null
    ? Effect.succeed(NetAddress.unixPathAddress(path ?? ""))
    : Effect.fromResult(NetAddress.inetAddressFromIpString(address.address, port ?? 0)).pipe(
      Effect.mapError((cause) => new HttpServerError.ServeError({ cause }))
    )
