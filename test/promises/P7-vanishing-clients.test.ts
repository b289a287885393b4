/** P7 and P9: clients that leave in ugly ways are forgotten completely, and nobody else notices. */
import { assert, describe } from "@effect/vitest"
import { Effect, HashMap, type Scope } from "effect"
import { Router } from "../../src/services/server/Router.ts"
import { Gateway } from "../../src/services/transport/Gateway.ts"
import { Heartbeat } from "../../src/services/user/Heartbeat.ts"
import { frame, hostile, intruder, upgrade } from "../support/HostileClient.ts"
import { connect } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const counts = Effect.gen(function*() {
  return {
    sessions: yield* (yield* Gateway).size,
    users: HashMap.size(yield* (yield* Router).registry),
    watched: yield* (yield* Heartbeat).size
  }
})

const isEmpty = Effect.map(counts, ({ sessions, users, watched }) => sessions + users + watched === 0)

/** A pair of users talks while this happens, and after all of them nothing is left. */
const besides = (
  name: string,
  during: (port: number) => Generator<Effect.Effect<any, never, Scope.Scope>, void, never>
) =>
  served(name, function*(port) {
    yield* Effect.scoped(Effect.gen(function*() {
      const dora = yield* connect({ port, user: "dora" })
      const emil = yield* connect({ port, user: "emil" })
      yield* Effect.scoped(Effect.gen(() => during(port)))
      dora.send({ type: "chat_message", recipient: "emil", text: "still here?" })
      yield* emil.expect("incoming_message")
    }))
    yield* until(isEmpty)
  })

const handshake = upgrade({ "Phone-Number": "mallory" })

describe("P7 P9", () => {
  besides("TCP reset of an open connection", function*(port) {
    const { admitted, socket } = yield* intruder(port, "mallory")
    assert.isTrue(admitted)
    socket.resetAndDestroy()
  })

  besides("gone in the middle of a frame", function*(port) {
    const { socket, write } = yield* intruder(port, "mallory")
    // A text frame of 100 bytes, of which 4 follow.
    write(frame("x".repeat(100)).subarray(0, 10))
    socket.resetAndDestroy()
  })

  besides("gone during the upgrade, 200 times", function*(port) {
    for (let i = 0; i < 200; i++) {
      const { connected, socket } = yield* hostile(port)
      yield* connected
      socket.write(handshake.slice(0, i % 2 === 0 ? undefined : 40))
      socket.resetAndDestroy()
    }
  })

  served("the first frame may come in the packet of the handshake", function*(port) {
    const emil = yield* connect({ port, user: "emil" })
    const { write } = yield* hostile(port)
    const early = frame(JSON.stringify({ type: "chat_message", recipient: "emil", text: "early" }))
    write(Buffer.concat([Buffer.from(upgrade({ "Phone-Number": "dora" })), early]))
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

  besides("headers byte by byte, and a connection that says nothing, harm nobody", function*(port) {
    yield* hostile(port)
    const { connected, socket, status } = yield* hostile(port)
    yield* connected
    socket.setNoDelay(true)
    for (const byte of handshake) {
      yield* Effect.callback<void>((resume) => {
        socket.write(byte, () => resume(Effect.void))
      })
    }
    assert.strictEqual(yield* status, 101)
  })
})
