/** What a server on Bun does in its own way. The stories of sockets are told on Bun as well (`vitest.config.ts`). */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { copyFileSync, readFileSync } from "node:fs"
import { connect as connectTls } from "node:tls"
import {
  Authenticator,
  BunServer,
  ChatRoutes,
  MemoryMessageStore,
  Settings,
  Switchboard,
  Tls
} from "../../../src/index.ts"
import { selfSigned } from "../../support/certificates.ts"
import { frame, hostile, intruder } from "../../support/HostileClient.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { connect, roundTrip } from "../../support/TestClient.ts"
import { onBun, served } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

const chat = Layer.mergeAll(Authenticator.layerPhoneHeader, MemoryMessageStore.layer())

const app = <Out, E, R>(server: Layer.Layer<Out, E, R>) =>
  HttpRouter.serve(ChatRoutes.layer, { disableListenLog: true, disableLogger: true }).pipe(
    Layer.provideMerge(server),
    Layer.provide(Switchboard.layer),
    Layer.provide(chat),
    Layer.provide(Settings.layerOf({}))
  )

const portOf = Effect.map(
  HttpServer.HttpServer,
  ({ address }) => address._tag === "UnixPathAddress" ? 0 : address.port
)

describe.skipIf(onBun)("on Node", () => {
  it.live("says that it is not for Node", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const exit = yield* Effect.exit(Layer.build(app(BunServer.layer({}))).pipe(Scope.provide(scope)))
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isFailure(exit))
      assert.include(String(exit), "use NodeServer on Node")
    }))
})

describe.skipIf(!onBun)("on Bun", () => {
  const never = HttpRouter.add("GET", "/never", Effect.never)

  served("P9 who asks for more before the answer is closed, and nobody else notices", function*(port) {
    const alice = yield* connect({ port, user: "alice", level: "v1" })
    const hasty = yield* hostile(port)
    const get = "GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n"
    hasty.write(get + get)
    yield* hasty.gone
    assert.strictEqual(hasty.received(), "")
    yield* roundTrip(alice)
  }, { routes: never })

  served("a close frame waits for the pong of all that came before it, and not for long", function*(port) {
    const last = (client: { readonly frames: () => ReadonlyArray<{ readonly opcode: number }> }) =>
      client.frames().at(-1)?.opcode
    const honest = yield* intruder(port, "honest")
    honest.write(frame("x", 0x82))
    yield* until(Effect.sync(() => last(honest) === 9))
    honest.write(frame("bye", 0x8a))
    assert.strictEqual(yield* honest.gone, 1003)
    const deaf = yield* intruder(port, "deaf")
    deaf.write(frame("x", 0x82))
    assert.strictEqual(yield* deaf.gone, 1003)
  })

  it.live("a new certificate is for those who come, and who is connected stays", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const files = selfSigned(directory, "first")
      const context = yield* Layer.build(app(BunServer.layerTls(files, {})))
      yield* Effect.gen(function*() {
        const port = yield* portOf
        const shown = Effect.callback<string>((resume) => {
          const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
            resume(Effect.succeed(String(socket.getPeerCertificate().subject.CN)))
            socket.destroy()
          })
        })
        assert.strictEqual(yield* shown, "first")
        const alice = yield* connect({ port, user: "alice", level: "v1", ca: readFileSync(files.cert, "utf8") })
        const second = selfSigned(directory, "second")
        copyFileSync(second.cert, files.cert)
        copyFileSync(second.key, files.key)
        yield* (yield* Tls).reload
        assert.strictEqual(yield* shown, "second")
        yield* roundTrip(alice)
      }).pipe(Effect.provide(context))
    }))
})
