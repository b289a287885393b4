import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { connect } from "node:net"
import {
  Authenticator,
  BunServer,
  HealthRoutes,
  MemoryMessageStore,
  NodeServer,
  Settings,
  Switchboard
} from "../../../src/index.ts"
import { nextTurn } from "../../../src/services/kernel/ActorScheduler.ts"
import { RequestGate } from "../../../src/services/transport/RequestGate.ts"
import { onBun } from "../../support/TestServer.ts"

describe("RequestGate", () => {
  it.live("P9 begins a few in one turn, and all of them in order", () =>
    Effect.gen(function*() {
      const gate = new RequestGate()
      const begun: Array<number> = []
      for (let i = 0; i < 10; i++) gate.enter(() => begun.push(i))
      assert.deepStrictEqual(begun, [0, 1, 2, 3])
      // Whoever comes now is behind those who wait.
      gate.enter(() => begun.push(10))
      yield* nextTurn
      assert.deepStrictEqual(begun, [0, 1, 2, 3, 4, 5, 6, 7])
      yield* nextTurn
      assert.deepStrictEqual(begun, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      yield* nextTurn
      gate.enter(() => begun.push(11))
      assert.strictEqual(begun.at(-1), 11)
    }))
})

describe("a server that listens and does not serve yet", () => {
  it.live("answers whoever came meanwhile once it serves", () =>
    Effect.gen(function*() {
      let answered: Promise<string> | undefined
      // Made when the server listens, and before it serves: whoever comes now comes too early.
      const slow = Layer.unwrap(
        Effect.gen(function*() {
          const { address } = yield* HttpServer.HttpServer
          const port = address._tag === "UnixPathAddress" ? 0 : address.port
          answered = new Promise((resolve) => {
            const socket = connect(port, "127.0.0.1")
            socket.on("error", () => resolve("error"))
            socket.on("data", (data) => resolve(data.toString()))
            socket.on("close", () => resolve("closed"))
            socket.write("GET /ws HTTP/1.1\r\nHost: x\r\nPhone-Number: alice\r\nConnection: Upgrade\r\n")
            socket.write(
              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            )
          })
          yield* Effect.forEach(Array.from({ length: 50 }), () => nextTurn)
          return HttpRouter.add("GET", "/yours", HttpServerResponse.text("yours"))
        })
      )
      const app = HttpRouter.serve(Layer.mergeAll(slow, HealthRoutes.layer), { disableListenLog: true }).pipe(
        Layer.provideMerge(
          onBun ? BunServer.layer({ port: 0 }) : NodeServer.layer(NodeServer.nodeServer, { port: 0 })
        ),
        Layer.provide(Switchboard.layer),
        Layer.provide(Authenticator.layerPhoneHeader),
        Layer.provide(MemoryMessageStore.layer()),
        Layer.provide(Settings.layer)
      )
      yield* Layer.build(app)
      assert.match(yield* Effect.promise(() => answered!), /^HTTP\/1.1 101 /)
    }).pipe(Effect.scoped, Effect.orDie))
})
