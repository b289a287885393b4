/** The real server on a free port of loopback, for tests with real sockets. */
import { it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import type { Server } from "node:http"
import {
  AdminAccess,
  AllowedOrigins,
  ApiRoutes,
  type AuditLog,
  Authenticator,
  MessageStore,
  MetricsRoutes,
  NodeServer,
  OtherServers,
  Settings,
  type SettingValues,
  Switchboard
} from "../../src/index.ts"
import type { AdminAccess as ApiAccess } from "../../src/services/api/middlewares.ts"
import * as HealthRoutes from "../../src/services/http/HealthRoutes.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import * as Tls from "../../src/services/transport/Tls.ts"
import { overTls } from "./overTls.ts"

export class TestServer extends Context.Service<TestServer, {
  readonly port: number
  readonly server: Server
}>()("test/TestServer") {}

export interface TestServerOptions<E = never> {
  readonly settings?: Partial<SettingValues>
  readonly store?: Layer.Layer<MessageStore, E>
  readonly authenticator?: Layer.Layer<Authenticator>
  /** Who may use the admin API; nobody by default. */
  readonly access?: Layer.Layer<ApiAccess, never, AuditLog>
  /** Beside those of the chat. */
  readonly routes?: Layer.Layer<never, never, HttpRouter.HttpRouter>
  /** Pages that may use it beside its own. */
  readonly origins?: ReadonlyArray<string>
  /** How many other servers take its clients when it stops. */
  readonly others?: number
}

const serverWith = <E>(server: Server, options: TestServerOptions<E>) => {
  const info = Layer.effect(
    TestServer,
    Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      return { port: address._tag === "UnixPathAddress" ? 0 : address.port, server }
    })
  )
  return info.pipe(
    Layer.merge(
      HttpRouter.serve(
        Layer.mergeAll(
          HealthRoutes.layer,
          Layer.mergeAll(ApiRoutes.layer, MetricsRoutes.layer).pipe(
            Layer.provide(options.access ?? AdminAccess.layerOff)
          ),
          options.routes ?? Layer.empty,
          HealthRoutes.layerFallback
        ),
        { disableListenLog: true, disableLogger: true }
      )
    ),
    Layer.provideMerge(NodeServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
    Layer.provideMerge(Switchboard.layer),
    Layer.provide(Layer.succeed(AllowedOrigins, options.origins ?? [])),
    Layer.provide(Layer.succeed(OtherServers, () => options.others ?? 0)),
    Layer.provide(options.authenticator ?? Authenticator.layerPhoneHeader),
    Layer.provideMerge(options.store ?? MemoryMessageStore.layer()),
    Layer.provideMerge(Settings.layerOf(options.settings ?? {}))
  )
}

/** Over TLS where the stories are told so. */
export const testServer = <E = never>(options: TestServerOptions<E> = {}) =>
  Layer.unwrap(
    overTls === undefined
      ? Effect.sync(() => serverWith(NodeServer.nodeServer(), options))
      : Tls.make(overTls).pipe(
        Effect.map(({ server }) => serverWith(server, options)),
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
