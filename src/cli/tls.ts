/** TLS of the server's own, and the signal that asks for a new certificate. */
import { Effect, FiberSet, Layer } from "effect"
import { isatty } from "node:tty"
import { Tls } from "../services/transport/Tls.ts"
import { told, userError } from "./errors.ts"
import * as flags from "./flags.ts"
import { type Listening, plainServer, secureServer } from "./server.ts"

export const tlsFlags = {
  tlsCert: flags.text(
    "tls-cert",
    "",
    "A certificate in PEM, with its chain, to serve https and wss; read again when it changes, and on SIGHUP"
  ),
  tlsKey: flags.text("tls-key", "", "The key of --tls-cert, in PEM, without a passphrase")
}

/**
 * A server is told with SIGHUP to look at its certificate again, and that is no reason to end, with or without one. A
 * terminal that was closed is: it says the same, and there is nobody any more to stop the server in another way.
 */
const onHangup = Effect.fnUntraced(function*(reload: Effect.Effect<void>) {
  const run = yield* FiberSet.makeRuntime<never>()
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  process.on("SIGHUP", () => {
    // One that is gone is no terminal any more.
    if (terminals.some((fd) => !isatty(fd))) process.kill(process.pid, "SIGTERM")
    else run(reload)
  })
})

const nothingToReload = Effect.annotateLogs(Effect.logInfo("Signal.ignored"), {
  signal: "SIGHUP",
  reason: "without --tls-cert there is nothing to read again"
})

type TlsFlags = flags.Input<typeof tlsFlags>

/** Both, or neither of them. */
export const checkTls = ({ tlsCert, tlsKey }: TlsFlags) =>
  (tlsCert === "") === (tlsKey === "")
    ? Effect.void
    : userError("Give both --tls-cert and --tls-key, or neither of them.")

/** What listens there, and whether it does so with TLS. */
export const listenerOf = Effect.fnUntraced(
  function*(input: TlsFlags, options: Listening) {
    yield* checkTls(input)
    const { tlsCert: cert, tlsKey: key } = input
    if (cert === "") {
      const plain = yield* plainServer(options)
      return { secure: false, layer: Layer.merge(plain, Layer.effectDiscard(onHangup(nothingToReload))) }
    }
    const secure = (yield* secureServer({ cert, key }, options)).pipe(
      Layer.catchTag("TlsError", (error) => Layer.effectContext(told(error)))
    )
    // What came of it is in the log.
    const reload = Layer.effectDiscard(Effect.flatMap(Tls, ({ reload }) => onHangup(Effect.ignore(reload))))
    return { secure: true, layer: Layer.provideMerge(reload, secure) }
  }
)
