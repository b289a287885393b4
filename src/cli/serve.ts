/** `switchboard serve`: the server as a process of its own. */
import "effect/schema/SchemaJITCompiler/enable"
import { Console, Context, Deferred, Effect, Layer } from "effect"
import { type CliError, Command, Flag } from "effect/cli"
import { HttpRouter, HttpServer } from "effect/http"
import * as OpenIdProvider from "../services/access/OpenIdProvider.ts"
import { BasePath, parse } from "../services/BasePath.ts"
import { Configuration } from "../services/Configuration.ts"
import * as ApiRoutes from "../services/http/ApiRoutes.ts"
import * as HealthRoutes from "../services/http/HealthRoutes.ts"
import * as MetricsRoutes from "../services/http/MetricsRoutes.ts"
import * as WebRoutes from "../services/http/WebRoutes.ts"
import { Lifeline } from "../services/kernel/Lifeline.ts"
import { PeopleDirectory } from "../services/PeopleDirectory.ts"
import { Settings } from "../services/Settings.ts"
import * as Retention from "../services/storage/Retention.ts"
import * as Switchboard from "../services/Switchboard.ts"
import { Gateway } from "../services/transport/Gateway.ts"
import { accessFlags, accessOf } from "./access.ts"
import { adminFlags, adminServer, mainAccess } from "./admin.ts"
import { aloneOf, clusterFlags, clusterOf } from "./cluster.ts"
import { Sources } from "./configuration/Sources.ts"
import { warnOfVariables } from "./configuration/variables.ts"
import { listenError, userError } from "./errors.ts"
import { filesOf } from "./files.ts"
import * as flags from "./flags.ts"
import { atLogLevel, loggerOf, logLevelDeclared } from "./logging.ts"
import { otel } from "./otel.ts"
import { beginServing, endAnyway, stopWithNpm } from "./process.ts"
import { pushFlags, pushOf } from "./push.ts"
import { stopInTime, stopMillis } from "./stop.ts"
import { postgresOf, retentionFlags, storeFlags, storeOf } from "./store.ts"
import { listenerOf, tlsFlags } from "./tls.ts"
import { webhookFlags, webhooksOf } from "./webhooks.ts"

export const serveFlags = {
  port: flags.int("port", 8080, "Port to listen on; 0 takes a free one", 65_535).pipe(Flag.withAlias("p")),
  host: flags.text("host", "127.0.0.1", "Address to listen on"),
  basePath: flags.text("base-path", "/", "Path under which everything is: page, socket, API, health").pipe(
    Flag.map(parse),
    Flag.filter((path) => path !== undefined, () => "Give --base-path a path such as /chat.")
  ),
  directory: flags.choice(
    "directory",
    ["off", "members", "all"],
    "off",
    "Whom people may look for: nobody, those whom they share a conversation with, or everybody"
  ),
  noWeb: flags.toggle("no-web", "Do not serve the page"),
  logFormat: flags.choice("log-format", ["pretty", "json", "logfmt"], "pretty", "How log lines look"),
  ...accessFlags,
  ...adminFlags,
  ...tlsFlags,
  ...storeFlags,
  ...clusterFlags,
  ...retentionFlags,
  ...webhookFlags,
  ...pushFlags,
  ...flags.settings
}

export type ServeFlags = flags.Input<typeof serveFlags>

/** All that a server can be told: by flag, by variable, by file. */
export const serveSettings = [...flags.declaredIn(serveFlags), logLevelDeclared]

/** For those who ask the running server. */
const configuration = Effect.map(
  Sources,
  ({ inForce }) => inForce.map(({ name, source, value }) => ({ name, value, source }))
)

/** `http://localhost:8080`, whatever the address family. */
const urlOf = (host: string, port: number): string =>
  `${host === "127.0.0.1" || host === "::1" ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`

const announce = Effect.fnUntraced(function*(secure: boolean) {
  const { address } = yield* HttpServer.HttpServer
  if (address._tag === "UnixPathAddress") return
  const where = `${urlOf(address.address.toString(), address.port)}${yield* BasePath}`
  const [http, ws] = secure ? ["https", "wss"] : ["http", "ws"]
  yield* Console.log(
    `Switchboard listens: ${http}://${where}/ (socket ${ws}://${where}/ws, API docs ${http}://${where}/docs, health ${http}://${where}/health/ready)`
  )
})

const serverOf = Effect.fnUntraced(function*(input: ServeFlags) {
  const { host, noWeb, port } = input
  const api = Layer.mergeAll(ApiRoutes.layer, MetricsRoutes.layer).pipe(Layer.provide(yield* mainAccess(input)))
  const web = noWeb ? Layer.empty : WebRoutes.layer
  const listener = yield* listenerOf(input, { port, host })
  // Of two routes for the same path the router keeps the first, so the fallback comes last.
  const routes = HealthRoutes.layerFallback.pipe(
    Layer.provideMerge(Layer.mergeAll(HealthRoutes.layer, api, ApiRoutes.layerDocs, web))
  )
  // Who reads that the server listens may come at once, so it is said when the requests are served.
  return Layer.effectDiscard(announce(listener.secure)).pipe(
    Layer.provideMerge(HttpRouter.serve(routes, { disableListenLog: true, disableLogger: true })),
    Layer.provideMerge(listener.layer),
    Layer.catchTag("ServeError", (error) => Layer.effectContext(listenError(host, port, error.cause))),
    Layer.merge(adminServer(input))
  )
})

interface LaunchOptions {
  /** What a stop may take beside the wait for clients, in milliseconds. */
  readonly millis: number
  readonly cut: Effect.Effect<void>
}

/** Until it is interrupted, or broken: a process that looks alive and tells nobody anything is worse than a new one. */
export const launch = Effect.fnUntraced(function*<E, R>(
  server: Layer.Layer<Gateway | Lifeline, E, R>,
  { cut, millis }: LaunchOptions
) {
  const died = yield* Deferred.make<never, CliError.UserError>()
  // Before there is a server there are no clients to wait for.
  let drainMillis: Effect.Effect<number> = Effect.succeed(0)
  const running = Effect.scoped(Effect.gen(function*() {
    yield* beginServing
    yield* stopWithNpm
    const context = yield* Layer.build(server)
    drainMillis = Context.get(context, Gateway).longestDrain
    const { name } = yield* Context.get(context, Lifeline).broken
    yield* Deferred.fail(
      died,
      userError(`The server made a mistake that it cannot go on after; the log has it as ${name}.defect.`)
    )
    return yield* Effect.never
  }))
  const longest = Effect.suspend(() => Effect.map(drainMillis, (drain) => drain + millis))
  return yield* stopInTime(running, Deferred.await(died), { cut, millis: longest })
})

/** The store, and what makes this server hear of others that share it. */
const sharedOf = (input: ServeFlags) => {
  const { databaseUrl, maxDevicesPerUser, retainMessages } = input
  if (input.store === "postgres") {
    const store = postgresOf(databaseUrl, { exclusive: true, maxDevicesPerUser })
    return { store, cluster: Layer.provide(clusterOf(input), store) }
  }
  const keep = retainMessages === 0 ? undefined : { keep: retainMessages }
  return { store: storeOf(input, { exclusive: true, maxDevicesPerUser, ...keep }), cluster: aloneOf(input) }
}

/** Without a span of its own, which would be the parent of all others for as long as the server lives. */
const run = Effect.fnUntraced(function*(input: ServeFlags) {
  yield* warnOfVariables(serveSettings)
  const access = yield* accessOf(input, input.host)
  const server = yield* serverOf(input)
  const webhooks = yield* webhooksOf(input)
  const push = yield* pushOf(input)
  const files = yield* filesOf(input)
  const { cluster, store } = sharedOf(input)
  const { exporters, messages } = yield* otel
  const running = server.pipe(
    Layer.provide(Layer.succeed(Configuration, yield* configuration)),
    Layer.provide(webhooks),
    Layer.provideMerge(Layer.provide(Switchboard.layer, push)),
    // For the links of files, too.
    Layer.provide(Layer.succeed(BasePath, input.basePath ?? "")),
    Layer.provide(Layer.succeed(PeopleDirectory, input.directory)),
    Layer.provide(cluster),
    Layer.provide(messages),
    Layer.merge(OpenIdProvider.layerWatch),
    Layer.provide(access),
    Layer.provide(
      Retention.layer({ days: input.retainDays, messages: input.retainMessages, deviceDays: input.retainDeviceDays })
    ),
    Layer.provide(files),
    Layer.provide(store),
    Layer.provide(Settings.layerOf(flags.pickSettings(input))),
    Layer.provide(Layer.provideMerge(exporters, loggerOf(input.logFormat)))
  )
  return yield* launch(running, { millis: stopMillis, cut: endAnyway })
}, atLogLevel)

export const serve = Command.make("serve", flags.withFile(serveFlags), run).pipe(
  Command.withDescription("Start the chat server"),
  Command.withExamples([
    { command: "switchboard serve", description: "Listen on port 8080 and keep messages in ./switchboard.db" },
    { command: "switchboard serve --port 9000 --store memory", description: "Keep nothing on disk" }
  ])
)
