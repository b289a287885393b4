/** TLS of the server's own: a certificate that can be changed while everybody stays. */
import { Clock, Context, DateTime, Effect, type Scope, Semaphore } from "effect"
import type { Server } from "node:http"
import { createServer } from "node:https"
import { repeatForever } from "../kernel/repeatForever.ts"
import { Settings } from "../Settings.ts"
import { type Certificate, mark, read, type TlsError, type TlsFiles } from "./Certificate.ts"
import { serverOptions } from "./serverOptions.ts"

/** How often the files are looked at. A look is a question to the file system about each. */
const lookMillis = 1_000

/** Whoever takes care of certificates should hear of one that nobody has renewed. */
const soonMillis = 14 * 86_400_000

/** Of a timer, where there is no bound. */
const never = 2_147_483_647

type Age = "good" | "not valid yet" | "ends soon" | "expired"

const ageOf = ({ validFrom, validTo }: Certificate, now: number): Age =>
  now < validFrom ? "not valid yet" : now > validTo ? "expired" : now > validTo - soonMillis ? "ends soon" : "good"

const shown = ({ names, subject, validTo }: Certificate) => ({
  subject,
  names,
  until: DateTime.formatIsoDateUtc(DateTime.makeUnsafe(validTo))
})

export class Tls extends Context.Service<Tls, {
  /**
   * Reads the files now, as a server does by itself when they change. Connections stay as they are, new ones get the new
   * certificate; where the files will not do, the old one.
   */
  readonly reload: Effect.Effect<void, TlsError>
}>()("switchboard/services/transport/Tls") {}

const sayAge = (certificate: Certificate, age: Age) =>
  age === "good"
    ? Effect.void
    : Effect.annotateLogs(Effect.logWarning("Tls.expires"), { ...shown(certificate), state: age })

/** The certificate in these files, which are watched within the scope, and what tells of another one. */
export const watch = Effect.fnUntraced(function*(
  files: TlsFiles,
  renew: (certificate: Certificate) => Effect.Effect<void>
): Effect.fn.Return<{ readonly certificate: Certificate; readonly tls: Tls["Service"] }, TlsError, Scope.Scope> {
  const turns = yield* Semaphore.make(1)
  let marked = yield* mark(files)
  let certificate = yield* read(files)
  let age: Age = "good"
  /** What was last said of files that will not do; while there is something they are read at each look. */
  let refused: string | undefined

  const lookAtAge = Effect.gen(function*() {
    const found = ageOf(certificate, yield* Clock.currentTimeMillis)
    if (found === age) return
    age = found
    yield* sayAge(certificate, age)
  })

  const loaded = Effect.suspend(() => Effect.annotateLogs(Effect.logInfo("Tls.loaded"), shown(certificate)))

  const load = Effect.gen(function*() {
    marked = yield* mark(files)
    certificate = yield* read(files)
    yield* renew(certificate)
    refused = undefined
    age = "good"
    yield* loaded
    yield* lookAtAge
  }).pipe(
    Effect.tapError(({ message }) => {
      if (message === refused) return Effect.void
      refused = message
      return Effect.annotateLogs(Effect.logWarning("Tls.refused"), { reason: message })
    })
  )

  const look = Effect.gen(function*() {
    if (refused !== undefined || (yield* mark(files)) !== marked) yield* Effect.ignore(load)
    yield* lookAtAge
  })

  yield* loaded
  yield* lookAtAge
  const looks = repeatForever("Tls", turns.withPermits(1)(look), lookMillis)
  yield* Effect.forkScoped(Effect.andThen(Effect.sleep(lookMillis), looks))
  // Asked for by somebody, who wants to hear what came of it.
  const reload = Effect.andThen(
    Effect.sync(() => {
      refused = undefined
    }),
    load
  )
  return { certificate, tls: Tls.of({ reload: turns.withPermits(1)(reload) }) }
})

/** A server of Node with the certificate in these files, and what renews it. */
export const make = Effect.fnUntraced(function*(
  files: TlsFiles
): Effect.fn.Return<{ readonly server: Server; readonly tls: Tls["Service"] }, TlsError, Settings | Scope.Scope> {
  const { handshakeMillis } = yield* Settings
  const { certificate, tls } = yield* watch(
    files,
    ({ context }) => Effect.sync(() => server.setSecureContext(context))
  )
  const server: ReturnType<typeof createServer> = createServer({
    ...serverOptions,
    ...certificate.context,
    // Whoever offers only something else is told so, and not understood in another way.
    ALPNProtocols: ["http/1.1"],
    // From the first byte to the last, however slowly they come.
    handshakeTimeout: handshakeMillis === 0 ? never : handshakeMillis
  })
  return { server, tls }
})
