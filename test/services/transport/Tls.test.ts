/** What a server with TLS lets come to it before there is a request. The stories of sockets are told over TLS as well (`vitest.config.ts`). */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { TestClock } from "effect/testing"
import { X509Certificate } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { type AddressInfo, connect as connectPlainly, createServer, type Socket } from "node:net"
import { connect as connectTls, type ConnectionOptions } from "node:tls"
import {
  Authenticator,
  BunServer,
  ChatRoutes,
  NodeServer,
  Settings,
  type SettingValues,
  Switchboard,
  Tls
} from "../../../src/index.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { make } from "../../../src/services/transport/Tls.ts"
import { selfSigned } from "../../support/certificates.ts"
import { upgrade } from "../../support/HostileClient.ts"
import { inTime } from "../../support/Peer.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { connect, open, roundTrip } from "../../support/TestClient.ts"
import { onBun } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

/** As an app embeds it; answers its port and the certificate that is believed. */
const serving = Effect.fnUntraced(function*(settings: Partial<SettingValues> = {}) {
  const files = selfSigned(yield* temporaryDirectory)
  const app = HttpRouter.serve(ChatRoutes.layer, { disableListenLog: true, disableLogger: true }).pipe(
    Layer.provideMerge((onBun ? BunServer : NodeServer).layerTls(files, { port: 0 })),
    Layer.provide(Switchboard.layer),
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provide(MemoryMessageStore.layer()),
    Layer.provide(Settings.layerOf(settings))
  )
  const context = yield* Layer.build(app)
  return yield* Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    const port = address._tag === "UnixPathAddress" ? 0 : address.port
    return { port, files, ca: readFileSync(files.cert, "utf8"), reload: (yield* Tls).reload }
  }).pipe(Effect.provide(context))
})

const kept = (socket: () => Socket) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const made = socket()
      made.on("error", () => {})
      made.resume()
      return made
    }),
    (made) => Effect.sync(() => made.destroy())
  )

const plain = (port: number) => kept(() => connectPlainly(port, "127.0.0.1"))

const gone = (sockets: ReadonlyArray<Socket>) => sockets.filter(({ destroyed }) => destroyed).length

/** How a handshake with these options ends: with a session's protocol, or with a code. */
const handshake = (port: number, options: ConnectionOptions) =>
  Effect.callback<string>((resume) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => {
      resume(Effect.succeed(`${socket.getProtocol()} ${socket.alpnProtocol}`))
    })
    socket.on("error", ({ code }: NodeJS.ErrnoException) => resume(Effect.succeed(code ?? "")))
    return Effect.sync(() => socket.destroy())
  })

/** The first bytes that a client of TLS says. */
const hello = Effect.callback<Buffer>((resume) => {
  const server = createServer((socket) => {
    socket.once("data", (data: Buffer) => {
      resume(Effect.succeed(data))
      socket.destroy()
      server.close()
    })
  })
  server.listen(0, "127.0.0.1", () => {
    connectTls({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" }).on("error", () => {})
  })
})

describe("a certificate's age", () => {
  const day = 86_400_000
  const found = Effect.fnUntraced(function*(daysBeforeItsEnd: number) {
    const files = selfSigned(yield* temporaryDirectory, "server", 90)
    const said: Array<unknown> = []
    const logger = Logger.make<unknown, void>(({ fiber, message }) => {
      if (String(message) === "Tls.expires") said.push(fiber.getRef(References.CurrentLogAnnotations)["state"])
    })
    yield* TestClock.setTime(
      new X509Certificate(readFileSync(files.cert)).validToDate.getTime() - daysBeforeItsEnd * day
    )
    yield* make(files).pipe(Effect.provide(Layer.merge(Settings.layerOf({}), Logger.layer([logger]))))
    return said
  }, Effect.scoped)

  it.effect("is said where it matters, and it is served all the same", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* found(91), ["not valid yet"])
      assert.deepStrictEqual(yield* found(15), [])
      assert.deepStrictEqual(yield* found(13), ["ends soon"])
      assert.deepStrictEqual(yield* found(-1), ["expired"])
    }))
})

describe("a server with TLS", () => {
  it.live("whoever does not begin, stops halfway or says a byte now and then has as long as any handshake", () =>
    Effect.gen(function*() {
      const { ca, port } = yield* serving({ handshakeMillis: 1_000 })
      const bytes = yield* hello
      const silent = yield* plain(port)
      const half = yield* plain(port)
      half.write(bytes)
      const slow = yield* plain(port)
      let sent = 0
      const alice = yield* connect({ port, user: "alice", level: "v1", ca })
      yield* until(Effect.sync(() => {
        if (!slow.destroyed && sent < bytes.length - 1) slow.write(bytes.subarray(sent, ++sent))
        return gone([silent, half, slow]) === 3
      })).pipe(inTime("their end"))
      yield* roundTrip(alice)
    }).pipe(Effect.scoped))

  it.live("those in a handshake are pending: past the bound the oldest is closed, and a WebSocket is none of them", () =>
    Effect.gen(function*() {
      const { ca, port } = yield* serving({ maxPendingConnections: 5, handshakeMillis: 600_000 })
      const alice = yield* connect({ port, user: "alice", level: "v1", ca })
      const halves = yield* Effect.forEach(Array.from({ length: 30 }), () => plain(port))
      yield* until(Effect.sync(() => gone(halves) === 25))
      const done = yield* Effect.forEach(
        Array.from({ length: 30 }),
        () => kept(() => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }))
      )
      yield* until(Effect.sync(() => gone(halves) === 30 && gone(done) === 25))
      yield* roundTrip(alice)
      yield* connect({ port, user: "bob", level: "v1", ca })
    }).pipe(Effect.scoped))

  it.live("speaks TLS 1.2 and 1.3 and HTTP/1.1 in it, and nothing else", () =>
    Effect.gen(function*() {
      const { ca, port } = yield* serving()
      const both: ConnectionOptions = { ALPNProtocols: ["h2", "http/1.1"] }
      // Bun does not say it, and speaks it all the same.
      assert.strictEqual(yield* handshake(port, both), onBun ? "TLSv1.3 false" : "TLSv1.3 http/1.1")
      assert.strictEqual(yield* handshake(port, { maxVersion: "TLSv1.2" }), "TLSv1.2 false")
      assert.match(yield* handshake(port, { servername: "another.example" }), /^TLSv1\.3 /)
      const old: ConnectionOptions = {
        minVersion: "TLSv1",
        maxVersion: "TLSv1.1",
        // Or a client of Node does not even try.
        ...(onBun ? {} : { ciphers: "DEFAULT@SECLEVEL=0" })
      }
      assert.match(yield* handshake(port, old), /PROTOCOL_VERSION/)
      const wrong = yield* handshake(port, { ALPNProtocols: ["h2"] })
      assert.match(wrong, onBun ? /^TLSv1.3 false$/ : /NO_APPLICATION_PROTOCOL/)
      const http = yield* plain(port)
      http.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      yield* until(Effect.sync(() => http.destroyed))
      yield* connect({ port, user: "alice", level: "v1", ca })
    }).pipe(Effect.scoped))

  it.live("agrees on keys once, however often a client asks", () =>
    Effect.gen(function*() {
      const { port } = yield* serving()
      const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, maxVersion: "TLSv1.2" })
      yield* kept(() => socket)
      yield* Effect.callback<void>((resume) => void socket.once("secureConnect", () => resume(Effect.void)))
      const again = Effect.callback<string>((resume) => {
        socket.once("error", ({ code }: NodeJS.ErrnoException) => resume(Effect.succeed(code ?? "")))
        socket.renegotiate({}, (error) => resume(Effect.succeed(error === null ? "agreed" : "refused")))
      })
      assert.match(yield* again.pipe(inTime("the answer")), /NO_RENEGOTIATION|refused/)
    }).pipe(Effect.scoped))

  it.live("a page without TLS is none of its own", () =>
    Effect.gen(function*() {
      const { ca, port } = yield* serving()
      const host = `localhost:${port}`
      const come = (origin: string) =>
        open({ port, user: "alice", ca, headers: { host, origin } }).pipe(
          Effect.match({ onFailure: ({ status }) => status, onSuccess: () => 101 })
        )
      assert.strictEqual(yield* come(`https://${host}`), 101)
      assert.strictEqual(yield* come(`http://${host}`), 403)
    }).pipe(Effect.scoped))

  it.live("a refusal before the upgrade is whole, and the socket is gone after it", () =>
    Effect.gen(function*() {
      const { port } = yield* serving()
      let heard = ""
      const socket = yield* kept(() => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }))
      socket.on("data", (data) => heard += data.toString())
      socket.write(upgrade({}))
      yield* until(Effect.sync(() => socket.destroyed))
      assert.match(heard, /^HTTP\/1\.1 401 [^]*Phone-Number header[^]*\}$/)
    }).pipe(Effect.scoped))

  it.live("stops without waiting for those in a handshake", () =>
    Effect.gen(function*() {
      const bytes = yield* hello
      const halves = yield* Effect.gen(function*() {
        const { ca, port } = yield* serving({ handshakeMillis: 600_000 })
        const sockets = yield* Effect.forEach(Array.from({ length: 5 }), () =>
          Effect.sync(() => {
            const socket = connectPlainly(port, "127.0.0.1").resume().on("error", () => {})
            // Whoever says nothing Linux does not even show to Bun.
            socket.write(bytes.subarray(0, 1))
            return socket
          }))
        yield* connect({ port, user: "alice", level: "v1", ca })
        return sockets
      }).pipe(Effect.scoped)
      yield* until(Effect.sync(() => gone(halves) === 5))
    }))

  it.live("an app tells it to read its certificate again, and hears why it will not do", () =>
    Effect.gen(function*() {
      const { ca, files, port, reload } = yield* serving()
      const alice = yield* connect({ port, user: "alice", level: "v1", ca })
      yield* reload
      writeFileSync(files.key, "")
      const { message } = yield* Effect.flip(reload)
      assert.match(message, /server\.key has no private key in PEM; give/)
      yield* roundTrip(alice)
      yield* connect({ port, user: "bob", level: "v1", ca })
    }).pipe(Effect.scoped))
})
