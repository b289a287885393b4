/**
 * An `HttpServer` on Node whose upgrades for `/ws`, under the `BasePath`, go to the Gateway: one port for the app's routes, its own
 * WebSockets and the chat. Use it in place of `NodeHttpServer.layer`.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Deferred, Effect, Layer, Scope } from "effect"
import { HttpServer, HttpServerError } from "effect/http"
import { NetAddress } from "effect/net"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { ListenOptions, Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { TLSSocket } from "node:tls"
import { WebSocketServer } from "ws"
import { isOver } from "../../domain/Limit.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import { BasePath } from "../BasePath.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { OtherServers } from "../OtherServers.ts"
import { Readiness } from "../Readiness.ts"
import { Settings } from "../Settings.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import * as AcceptRate from "./AcceptRate.ts"
import { BodyClock } from "./BodyClock.ts"
import type { TlsFiles } from "./Certificate.ts"
import { connectRequest } from "./connectRequest.ts"
import { Gateway } from "./Gateway.ts"
import { longNames } from "./longNames.ts"
import * as NodeUpgrades from "./NodeUpgrades.ts"
import * as OtherUpgrades from "./OtherUpgrades.ts"
import { PendingConnections } from "./PendingConnections.ts"
import { refuse } from "./refuse.ts"
import { RequestGate } from "./RequestGate.ts"
import * as RequestRate from "./RequestRate.ts"
import { type RequestHandler, RequestTurns, turnsOf } from "./RequestTurns.ts"
import { serverOptions } from "./serverOptions.ts"
import * as Tls from "./Tls.ts"
import { holdBack, Transfers } from "./Transfers.ts"

/**
 * `createServer` is `nodeServer`, or a server of your own: its limits on headers are yours then.
 * Listens on a port for HTTP and WebSocket, on loopback unless `options` name a `host`. Fails with `ServeError` when it
 * cannot. When its scope closes, clients are told to reconnect and what they said is kept before anything else stops
 * (P10).
 */
export const layer = (createServer: () => Server, options: ListenOptions) =>
  Layer.mergeAll(
    Layer.effect(HttpServer.HttpServer, make(createServer, options)),
    NodeHttpServer.layerHttpServices,
    longNames
  ).pipe(Layer.provideMerge(Gateway.layer))

/**
 * The same over TLS 1.2 and 1.3, for `https` and `wss`: fails with `TlsError`, whose sentence names the file, where they
 * will not do. They are read again when they change, or when `Tls` is told to (as on a signal of your own); connections
 * that there are stay, and where the new files will not do, the old certificate does.
 */
export const layerTls = (files: TlsFiles, options: ListenOptions) =>
  Layer.unwrap(
    Effect.map(
      Tls.make(files),
      ({ server, tls }) => Layer.merge(layer(() => server, options), Layer.succeed(Tls.Tls, tls))
    )
  )

/** A server of Node for `layer`, with limits that only its creation can set: bytes of headers, how often it looks. */
export const nodeServer = (): Server => createServer(serverOptions)

/** How long a stopped server waits for its sockets to be gone, in milliseconds. */
const closeMillis = 500

const make = Effect.fnUntraced(function*(create: () => Server, options: ListenOptions) {
  const gateway = yield* Gateway
  const others = yield* OtherServers
  const readiness = yield* Readiness
  const chat = yield* NodeUpgrades.make
  const server = create()
  const door = yield* bound(server)
  const closed = yield* Deferred.make<void>()
  server.once("close", () => Deferred.doneUnsafe(closed, Effect.void))

  // The last finalizer here: the clients were told by now, and what is left are idle HTTP connections.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      server.close()
      server.closeAllConnections()
      // Those whose TLS handshake is not done are no connections of its yet.
      door.close()
      return Deferred.await(closed)
    }).pipe(Effect.timeoutOption(closeMillis))
  )
  yield* listen(server, onLoopback(options))
  const address = yield* addressOf(server)
  const otherSockets = new WebSocketServer({ noServer: true })

  return HttpServer.make({
    address,
    serve: Effect.fnUntraced(function*(httpApp, middleware) {
      const scope = yield* Effect.scope
      const requests = Scope.forkUnsafe(scope, "parallel")
      const appOptions = { scope: requests, ...(middleware === undefined ? undefined : { middleware }) }
      const onRequest = yield* NodeHttpServer.makeHandler(httpApp, appOptions)
      const onOtherUpgrade = yield* NodeHttpServer.makeUpgradeHandler(Effect.succeed(otherSockets), httpApp, appOptions)
      const begin = door.request(onRequest)
      server.on("request", begin)
      server.on("checkContinue", door.expectation(begin))
      server.on("upgrade", door.upgrade(chat, onOtherUpgrade))
      door.open()
      yield* readiness.beginServing
      yield* Scope.addFinalizer(
        scope,
        Effect.gen(function*() {
          yield* readiness.stopAccepting
          // Alone, the port is free at once for the one that takes its place. With others, whoever comes meanwhile, and
          // whatever asks for its health, hears that it stops.
          if (others() === 0) server.close()
          yield* gateway.drain
          server.close()
        })
      )
    })
  })
})

const maxHeaders = 64

interface SecureSocket extends TLSSocket {
  /** Node's own: the socket under it, which is what was accepted. */
  readonly _parent: Socket
}

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** What a request may cost before anybody has looked at it. Returns what is to be done with those that come. */
const bound = Effect.fnUntraced(function*(server: Server) {
  const { handshakeMillis, maxPendingConnections } = yield* Settings
  const base = yield* BasePath
  const isAt = (path: string) => (url = "") => url === path || url.startsWith(`${path}?`)
  const isGatewayUrl = isAt(`${base}/ws`)
  const isUploadUrl = isAt(`${base}/v1/files`)
  const mayStay = yield* AcceptRate.make(server)
  const requestRate = yield* RequestRate.make
  const proxies = yield* TrustedProxies
  const { refused } = yield* CurrentMeters
  const pending = new PendingConnections(maxPendingConnections, () => refused.add("none"))
  const watch = yield* OtherUpgrades.make(pending)
  const transfers = new Transfers(pending)
  const bodies = new BodyClock(handshakeMillis)
  const now = yield* Monotonic.now
  const looks = yield* makeTicker("BodyClock", {
    pause: serverOptions.connectionsCheckingInterval,
    isIdle: () => bodies.isIdle,
    turn: Effect.sync(() => bodies.look(now()))
  })
  const mayAsk = (request: IncomingMessage, response: ServerResponse): boolean => {
    const wait = requestRate.waitOf(request.socket.remoteAddress ?? "", request.headers["x-forwarded-for"])
    if (wait === 0) return true
    const { body, headers, status } = requestRate.answer(connectRequest(request, proxies), wait)
    response.writeHead(status, headers)
    response.end(body)
    return false
  }
  const shared = { bodies, gate: new RequestGate(), transfers }
  let early: Set<Socket> | undefined = new Set()
  server.maxHeadersCount = maxHeaders
  server.headersTimeout = handshakeMillis
  // Of headers alone; bodies have a clock of their own.
  server.requestTimeout = 0
  if (isOver(handshakeMillis, server.keepAliveTimeout)) server.keepAliveTimeout = handshakeMillis

  const attach = (socket: Socket) => {
    if (RequestTurns.attach(socket, shared) === undefined || early === undefined) return
    // Whoever comes before there is anybody to answer is answered then.
    early.add(socket)
    socket.pause()
  }

  server.on("connection", (socket: Socket) => {
    if (!mayStay(socket)) return
    pending.add(socket)
    attach(socket)
  })

  // A server with TLS serves what comes of it.
  server.on("secureConnection", (socket: SecureSocket) => {
    pending.replace(socket._parent, socket)
    attach(socket)
  })

  // Who waits for an answer may wait. Who does not take it may not, nor who has nothing more to ask.
  server.timeout = handshakeMillis
  server.on("timeout", (socket: Socket) => {
    if (turnsOf(socket)?.isAnswering !== true || socket.writableLength > 0) socket.destroy()
  })

  return {
    /** From here on there is somebody to answer. */
    open: () => {
      const waiting = early
      early = undefined
      waiting?.forEach((socket) => socket.resume())
    },
    close: () => {
      transfers.destroyAll()
      pending.destroyAll()
    },
    request: (handle: RequestHandler): RequestHandler => (request, response) => {
      if (bodies.watch(request, response, now())) looks.wake()
      const asked: RequestHandler = (request, response) => {
        if (mayAsk(request, response)) handle(request, response)
      }
      const turns = turnsOf(request.socket)
      if (turns === undefined) asked(request, response)
      else turns.begin(request, response, asked)
    },
    /** Who waits to be told before a body is sent: a file is not asked for before it is known who sends it. */
    expectation: (handle: RequestHandler): RequestHandler => (request, response) => {
      if (request.method === "POST" && isUploadUrl(request.url)) holdBack(request)
      else response.writeContinue()
      handle(request, response)
    },
    upgrade: (chat: UpgradeHandler, others: UpgradeHandler): UpgradeHandler => (request, socket, head) => {
      const turns = turnsOf(request.socket)
      // Whose answer would come first? No client of good faith changes the protocol before it has heard the last one.
      if (turns?.isAnswering === true) return void request.socket.destroy()
      const rest = turns?.release()
      const all = rest === undefined || rest.length === 0 ? head : Buffer.concat([head, rest])
      if (!isGatewayUrl(request.url)) {
        watch(request, socket)
        others(request, socket, all)
      } else if (request.complete) {
        pending.remove(socket)
        chat(request, socket, all)
      } else {
        refused.add("400")
        refuse(request.socket, { status: 400, message: "A WebSocket's request has no body; send it without." })
      }
    }
  }
})

const listen = (server: Server, options: ListenOptions) =>
  Effect.callback<void, HttpServerError.ServeError>((resume) => {
    const onError = (cause: Error) => resume(Effect.fail(new HttpServerError.ServeError({ cause })))
    server.once("error", onError)
    server.listen(options, () => {
      server.off("error", onError)
      resume(Effect.void)
    })
  })

/** Whoever names no address is not on every network that the machine is in; a path or a handle is an address. */
const onLoopback = (options: ListenOptions): ListenOptions =>
  options.host === undefined && options.path === undefined && !("fd" in options)
    ? { ...options, host: "127.0.0.1" }
    : options

const addressOf = (server: Server) => {
  const address = server.address()
  return typeof address === "string" || address === null
    ? Effect.succeed(NetAddress.unixPathAddress(address ?? ""))
    : Effect.fromResult(NetAddress.inetAddressFromIpString(address.address, address.port)).pipe(
      Effect.mapError((cause) => new HttpServerError.ServeError({ cause }))
    )
}
