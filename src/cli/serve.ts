/** `switchboard serve`: the server as a process of its own. */
import { Console, Effect, Layer } from "effect"
import { Command, Flag } from "effect/cli"
import { HttpRouter, HttpServer } from "effect/http"
import { createServer } from "node:http"
import { Authenticator } from "../services/Authenticator.ts"
import * as HealthRoutes from "../services/http/HealthRoutes.ts"
import { Settings } from "../services/Settings.ts"
import * as Switchboard from "../services/Switchboard.ts"
import * as NodeServer from "../services/transport/NodeServer.ts"
import * as flags from "./flags.ts"
import type { Input } from "./input.ts"
import { loggerOf } from "./logging.ts"
import { retention, retentionFlags, storeFlags, storeOf, userError } from "./store.ts"

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const serveFlags = {
  port: flags.int("port", 8080, "Port to listen on; 0 takes a free one").pipe(Flag.withAlias("p")),
  host: flags.text("host", "127.0.0.1", "Address to listen on"),
  auth: flags.choice("auth", ["phone-header"], "phone-header", "How clients show who they are"),
  trustPhoneHeader: flags.toggle(
    "trust-phone-header",
    "Believe the Phone-Number header on addresses other than loopback"
  ),
  logFormat: flags.choice("log-format", ["pretty", "json", "logfmt"], "pretty", "How log lines look"),
  ...storeFlags,
  ...retentionFlags,
  ...flags.settings
}

type ServeFlags = Input<typeof serveFlags>

/** `http://localhost:8080`, whatever the address family. */
const urlOf = (host: string, port: number): string =>
  `${host === "127.0.0.1" || host === "::1" ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`

const announce = Effect.gen(function*() {
  const { address } = yield* HttpServer.HttpServer
  if (address._tag === "UnixPathAddress") return
  const where = urlOf(address.address.toString(), address.port)
  yield* Console.log(
    `Switchboard listens: http://${where}/ (socket ws://${where}/ws, health http://${where}/health/ready)`
  )
})

const listenError = (host: string, port: number, cause: unknown) => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  switch (code) {
    case "EADDRINUSE":
      return userError(`Port ${port} is in use; stop the other program or choose a port with --port.`, cause)
    case "EACCES":
      return userError(`Port ${port} needs more rights; choose one above 1023 with --port.`, cause)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return userError(`This machine has no address ${host}; choose one with --host.`, cause)
    default:
      return userError(`Cannot listen on ${host}:${port}; choose another --host or --port.`, cause)
  }
}

const serverOf = ({ host, port }: ServeFlags) =>
  HttpRouter.serve(Layer.mergeAll(HealthRoutes.routes, HealthRoutes.fallback), {
    disableListenLog: true,
    disableLogger: true
  }).pipe(
    Layer.provideMerge(Layer.effectDiscard(announce)),
    Layer.provideMerge(NodeServer.layer(createServer, { port, host })),
    Layer.catchTag("ServeError", (error) => Layer.effectDiscard(listenError(host, port, error.cause)))
  )

const run = Effect.fn("serve")(function*(input: ServeFlags) {
  if (input.auth === "phone-header" && !isLoopback(input.host) && !input.trustPhoneHeader) {
    return yield* userError(
      `Phone-Number authentication trusts its caller, so --host ${input.host} needs --trust-phone-header as well.`
    )
  }
  if (input.port < 0 || input.port > 65_535) return yield* userError("Give --port a number from 0 to 65535.")
  return yield* serverOf(input).pipe(
    Layer.provide(Switchboard.layer),
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provide(retention(input)),
    Layer.provide(storeOf(input, {
      exclusive: true,
      ...(input.retainMessages === 0 ? undefined : { keep: input.retainMessages })
    })),
    Layer.provide(Settings.layerOf(flags.pickSettings(input))),
    Layer.provide(loggerOf(input.logFormat)),
    Layer.launch
  )
})

export const serve = Command.make("serve", serveFlags, run).pipe(
  Command.withDescription("Start the chat server"),
  Command.withExamples([
    { command: "switchboard serve", description: "Listen on port 8080 and keep messages in ./switchboard.db" },
    { command: "switchboard serve --port 9000 --store memory", description: "Keep nothing on disk" }
  ])
)
