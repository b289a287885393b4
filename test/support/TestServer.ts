/** The real server on a free port of loopback, for tests with real sockets. */
import { it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { readFileSync } from "node:fs"
import type { Server } from "node:http"
import {
  AdminAccess,
  AllowedOrigins,
  ApiRoutes,
  type AuditLog,
  Authenticator,
  type DirectoryMode,
  MessageStore,
  MetricsRoutes,
  NodeServer,
  OtherServers,
  PeopleDirectory,
  PushSettings,
  type Readiness,
  Settings,
  type SettingValues,
  Switchboard,
  TrustedProxies,
  trusting
} from "../../src/index.ts"
import type { AdminAccess as ApiAccess } from "../../src/services/api/middlewares.ts"
import type { FileStore } from "../../src/services/files/FileStore.ts"
import * as HealthRoutes from "../../src/services/http/HealthRoutes.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import * as Tls from "../../src/services/transport/Tls.ts"
import { overTls } from "./overTls.ts"

export const onBun = process.versions["bun"] !== undefined

export class TestServer extends Context.Service<TestServer, {
  readonly port: number
  /** Nothing on Bun. */
  readonly server: Server | undefined
  /** How many sockets of clients it has. */
  readonly sockets: Effect.Effect<number>
}>()("test/TestServer") {}

export interface TestServerOptions<E = never> {
  readonly settings?: Partial<SettingValues>
  readonly store?: Layer.Layer<MessageStore, E>
  readonly authenticator?: Layer.Layer<Authenticator>
  /** Where files are; nowhere by default. */
  readonly files?: Layer.Layer<FileStore>
  /** Who may use the admin API; nobody by default. */
  readonly access?: Layer.Layer<ApiAccess, never, AuditLog>
  /** Beside those of the chat. */
  readonly routes?: Layer.Layer<never, never, HttpRouter.HttpRouter | Readiness>
  /** Pages that may use it beside its own. */
  readonly origins?: ReadonlyArray<string>
  /** Peers whose `X-Forwarded-For` is believed. */
  readonly proxies?: ReadonlyArray<string>
  /** Whom people may look for. */
  readonly directory?: DirectoryMode
  /** Whether there is Web Push. */
  readonly push?: boolean
  /** How many other servers take its clients when it stops. */
  readonly others?: number
}

/** What listens, and how many sockets it has at this port. */
interface Listener {
  readonly server: Server | undefined
  readonly layer: ReturnType<typeof NodeServer.layer>
  readonly sockets: (port: number) => Effect.Effect<number>
}

const serverWith = <E>({ layer, server, sockets }: Listener, options: TestServerOptions<E>) => {
  const info = Layer.effect(
    TestServer,
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const port = address._tag === "UnixPathAddress" ? 0 : address.port
      return { port, server, sockets: sockets(port) }
    })
  )
  return info.pipe(
    Layer.merge(
      HttpRouter.serve(
        // Of two routes for the same path the router keeps the first.
        HealthRoutes.layerFallback.pipe(
          Layer.provideMerge(Layer.mergeAll(
            HealthRoutes.layer,
            Layer.mergeAll(ApiRoutes.layer, MetricsRoutes.layer).pipe(
              Layer.provide(options.access ?? AdminAccess.layerOff)
            ),
            options.routes ?? Layer.empty
          ))
        ),
        { disableListenLog: true, disableLogger: true }
      )
    ),
    Layer.provideMerge(layer),
    Layer.provideMerge(Switchboard.layer),
    Layer.provide(
      Layer.succeed(PushSettings, options.push === true ? { contact: "mailto:me@example.com" } : undefined)
    ),
    Layer.provide(Layer.succeed(AllowedOrigins, options.origins ?? [])),
    Layer.provide(Layer.succeed(TrustedProxies, trusting(options.proxies ?? [])!)),
    Layer.provide(Layer.succeed(PeopleDirectory, options.directory ?? "off")),
    Layer.provide(Layer.succeed(OtherServers, () => options.others ?? 0)),
    Layer.provide(options.authenticator ?? Authenticator.layerPhoneHeader),
    Layer.provideMerge(options.files ?? Layer.empty),
    Layer.provideMerge(options.store ?? MemoryMessageStore.layer()),
    Layer.provideMerge(Settings.layerOf(options.settings ?? {}))
  )
}

const loopback = { port: 0, host: "127.0.0.1" }

const nodeListener = (server: Server): Listener => ({
  server,
  layer: NodeServer.layer(() => server, loopback),
  sockets: () =>
    Effect.callback((resume) => {
      server.getConnections((_, count) => resume(Effect.succeed(count)))
    })
})

/** Bun does not count sockets; the system does, and those who are half closed are no less there. */
const socketsAt = (port: number): number => {
  const own = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const listening = "0A"
  const orphaned = "0"
  return readFileSync("/proc/self/net/tcp", "latin1").split("\n").slice(1).map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state, , , , , , inode]) => local?.endsWith(own) && state !== listening && inode !== orphaned)
    .length
}

const bunListener: Effect.Effect<Listener> = Effect.promise(() => import("../../src/services/transport/BunServer.ts"))
  .pipe(Effect.map((BunServer) => ({
    server: undefined,
    layer: overTls === undefined ? BunServer.layer(loopback) : Layer.orDie(BunServer.layerTls(overTls, loopback)),
    sockets: (port) => Effect.sync(() => socketsAt(port))
  })))

/** Over TLS where the stories are told so, and of the platform that runs them. */
export const testServer = <E = never>(options: TestServerOptions<E> = {}) =>
  Layer.unwrap(
    onBun
      ? Effect.map(bunListener, (listener) => serverWith(listener, options))
      : overTls === undefined
      ? Effect.sync(() => serverWith(nodeListener(NodeServer.nodeServer()), options))
      : Tls.make(overTls).pipe(
        Effect.map(({ server }) => serverWith(nodeListener(server), options)),
        Effect.provide(Settings.layerOf(options.settings ?? {})),
        Effect.orDie
      )
  )

type Services = Layer.Success<ReturnType<typeof testServer>> | Scope.Scope

/** A story on real sockets; who is in it comes in at the server's port. */
export const served = <A>(
  name: string,
  body: (port: number) => Generator<Effect.Effect<any, unknown, Services>, A, never>,
  options: TestServerOptions<any> = {},
  timeout?: number
) =>
  it.live(
    name,
    () =>
      Effect.flatMap(TestServer, ({ port }) => Effect.gen(() => body(port))).pipe(
        Effect.scoped,
        Effect.provide(testServer(options))
      ),
    timeout
  )

/** Of what is promised on Node alone: `docs/operations.md` says so. */
export const servedOnNode: typeof served = (name, body, options, timeout) => {
  if (!onBun) served(name, body, options, timeout)
}

/** One that the test stops; `stop` returns when it has. */
export const startTestServer = Effect.fnUntraced(function*<E = never>(options: TestServerOptions<E> = {}) {
  const scope = yield* Scope.make()
  const stop = Scope.close(scope, Exit.void)
  yield* Effect.addFinalizer(() => stop)
  const context = yield* Layer.build(Layer.fresh(testServer(options))).pipe(Scope.provide(scope))
  const { port } = Context.get(context, TestServer)
  return { port, stop, context }
})

/** For tests that say more than people do. */
export const unlimitedFrames = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 } as const
