/** P7 and P9: clients that leave in ugly ways are forgotten completely, and nobody else notices. */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, HashMap, type Scope } from "effect"
import * as Net from "node:net"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { Gateway } from "../../../src/services/transport/Gateway.ts"
import { Heartbeat } from "../../../src/services/user/Heartbeat.ts"
import { upgrade } from "../../support/HostileClient.ts"
import { connect } from "../../support/TestClient.ts"
import { served, TestServer } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

type Services = TestServer | ServerActor | Gateway | Heartbeat | Scope.Scope

const counts = Effect.gen(function*() {
  return {
    sessions: yield* (yield* Gateway).size,
    users: HashMap.size(yield* (yield* ServerActor).registry),
    watched: yield* (yield* Heartbeat).size
  }
})

const isEmpty = Effect.map(counts, ({ sessions, users, watched }) => sessions + users + watched === 0)

const handshake = (user: string) => upgrade({ "Phone-Number": user })

const rawSocket = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<Net.Socket>((resume) => {
      const socket = Net.connect(port, "127.0.0.1", () => resume(Effect.succeed(socket)))
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const answered = (socket: Net.Socket) =>
  Effect.callback<string>((resume) => {
    socket.once("data", (data) => resume(Effect.succeed(data.toString())))
  })

const pairTalks = Effect.fnUntraced(function*(port: number, during: Effect.Effect<void, never, Services>) {
  yield* Effect.scoped(Effect.gen(function*() {
    const dora = yield* connect({ port, user: "dora" })
    const emil = yield* connect({ port, user: "emil" })
    yield* during
    dora.send({ type: "chat_message", recipient: "emil", text: "still here?" })
    yield* emil.expect("incoming_message")
  }))
  yield* until(isEmpty)
})

describe("P7 P9", () => {
  served("TCP reset of an open connection", function*(port) {
    yield* pairTalks(
      port,
      Effect.scoped(Effect.gen(function*() {
        const socket = yield* rawSocket(port)
        socket.write(handshake("mallory"))
        assert.match(yield* answered(socket), /^HTTP\/1\.1 101 /)
        socket.resetAndDestroy()
      }))
    )
  })

  served("gone in the middle of a frame", function*(port) {
    yield* pairTalks(
      port,
      Effect.scoped(Effect.gen(function*() {
        const socket = yield* rawSocket(port)
        socket.write(handshake("mallory"))
        yield* answered(socket)
        // A text frame of 100 bytes, of which 4 follow.
        socket.write(Buffer.from([0x81, 0x80 | 100, 0, 0, 0, 0, 0x7b, 0x22, 0x74, 0x79]))
        socket.resetAndDestroy()
      }))
    )
  })

  served("gone during the upgrade, 200 times", function*(port) {
    yield* pairTalks(
      port,
      Effect.forEach(
        Array.from({ length: 200 }, (_, i) => i),
        (i) =>
          Effect.scoped(Effect.gen(function*() {
            const socket = yield* rawSocket(port)
            socket.write(handshake("mallory").slice(0, i % 2 === 0 ? undefined : 40))
            socket.resetAndDestroy()
          })),
        { discard: true }
      )
    )
  })

  served("the first frame may come in the packet of the handshake", function*(port) {
    const emil = yield* connect({ port, user: "emil" })
    const socket = yield* rawSocket(port)
    const json = JSON.stringify({ type: "chat_message", recipient: "emil", text: "early" })
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | json.length, 0, 0, 0, 0]), Buffer.from(json)])
    socket.write(Buffer.concat([Buffer.from(handshake("dora")), frame]))
    assert.strictEqual((yield* emil.expect("incoming_message")).text, "early")
  })

  served("what a client said just before it left is still carried out", function*(port) {
    const emil = yield* connect({ port, user: "emil" })
    yield* Effect.scoped(Effect.gen(function*() {
      const dora = yield* connect({ port, user: "dora" })
      for (let i = 0; i < 50; i++) dora.send({ type: "chat_message", recipient: "emil", text: `last ${i}` })
      dora.close()
      yield* dora.closed
    }))
    for (let i = 0; i < 50; i++) assert.strictEqual((yield* emil.expect("incoming_message")).text, `last ${i}`)
  })

  served("headers byte by byte, and a connection that says nothing, harm nobody", function*(port) {
    yield* pairTalks(
      port,
      Effect.scoped(Effect.gen(function*() {
        yield* rawSocket(port)
        const socket = yield* rawSocket(port)
        socket.setNoDelay(true)
        const reply = yield* Effect.forkChild(answered(socket))
        for (const byte of handshake("mallory")) {
          yield* Effect.callback<void>((resume) => {
            socket.write(byte, () => resume(Effect.void))
          })
        }
        assert.match(yield* Fiber.join(reply), /^HTTP\/1\.1 101 /)
      }))
    )
  })
})
