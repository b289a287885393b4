import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, HashMap, Layer, Scheduler, Schema } from "effect"
import { GoingAway, InternalError, SlowReader } from "../../../src/domain/CloseCode.ts"
import { allowAll, Authorization } from "../../../src/services/access/Authorization.ts"
import { Router } from "../../../src/services/server/Router.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { Heartbeat } from "../../../src/services/user/Heartbeat.ts"
import { UserActors } from "../../../src/services/user/UserActors.ts"
import { actors, identity, join, settle, startUser, story } from "../../support/actors.ts"
import { includes } from "../../support/includes.ts"
import { MemoryConnection } from "../../support/MemoryConnection.ts"

/** An app whose own code is broken. */
const brokenPolicy = Layer.succeed(Authorization, {
  ...allowAll,
  write: () => {
    throw new Error("a defect in the middle of a request")
  }
})

const nothingLeft = Effect.gen(function*() {
  const router = yield* Router
  const server = yield* ServerActor
  yield* server.flush
  assert.strictEqual(HashMap.size(yield* router.registry), 0)
  assert.strictEqual(yield* (yield* Heartbeat).size, 0)
})

describe("UserActors", () => {
  story("the first frame at level v1 is welcome, and it tells the limits", function*() {
    const connection = yield* join("alice", "phone")
    includes(connection.heard[0], {
      type: "welcome",
      user: "alice",
      device: "phone",
      heartbeat_ms: 25_000,
      durability: "memory",
      limits: {
        frame_bytes: 65_536,
        text_bytes: 16_384,
        page: 100,
        rate_per_second: 500,
        user_rate_per_second: 1_000,
        // The default does not count loopback.
        address_rate_per_second: 0,
        connections_per_user: 50,
        connections_per_address: 0,
        connections_per_second: 0,
        outbound_bytes: 1_048_576,
        group_members: 1_024,
        presence_subscriptions: 500,
        file_bytes: 26_214_400,
        file_bytes_per_user: 1_073_741_824
      }
    })
  })

  story("P7 a client that leaves is unregistered, its fiber ends", function*() {
    const { connection, fiber } = yield* startUser("alice")
    yield* settle
    connection.vanish()
    assert.isTrue(Exit.isSuccess(yield* Fiber.await(fiber)))
    yield* nothingLeft
  })

  it.effect.prop(
    "P7 interrupted at any point, it unregisters the user and closes the socket",
    {
      steps: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 300 }))),
      level: Schema.Literals(["plain", "v1"])
    },
    ({ level, steps }) =>
      Effect.gen(function*() {
        const connection = new MemoryConnection()
        const actor = yield* UserActors
        let owned = false
        // Owned the way the Gateway owns a socket that it has just accepted.
        const fiber = yield* Effect.acquireUseRelease(
          Effect.sync(() => {
            owned = true
          }),
          () => actor.run({ identity: identity("alice", "phone"), level, connection, address: "127.0.0.1" }),
          () => Effect.sync(() => connection.close(GoingAway))
        ).pipe(
          // As few operations per turn of the scheduler as make progress: each turn is a point at which it can be interrupted.
          Effect.provideService(Scheduler.MaxOpsBeforeYield, 2),
          Effect.forkChild({ startImmediately: true })
        )
        for (let i = 0; i < steps; i++) {
          yield* Effect.yieldNow
          if (i % 7 === 3 && connection.listening) {
            connection.send({ type: "chat_message", recipient: "bob", text: "hi" })
          }
        }
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(connection.closedWith, owned ? GoingAway : undefined)
        yield* nothingLeft
      }).pipe(Effect.provide(actors())),
    { arbitrary: { runs: 300 } }
  )

  story("a defect ends its connection with 1011 and nothing else", function*() {
    const alice = yield* startUser("alice")
    const bob = yield* join("bob", { level: "plain" })
    alice.connection.send({ type: "chat_message", recipient: "bob", text: "hi" })
    yield* Fiber.await(alice.fiber)
    assert.strictEqual(alice.connection.closedWith, InternalError)
    yield* bob.says({ type: "ping" })
    assert.isUndefined(bob.closedWith)
    assert.deepStrictEqual(bob.heard.map((f) => f.type), ["pong"])
  }, actors().pipe(Layer.provide(brokenPolicy)))

  story("P6 a client that asks for more than it reads is closed with 4008", function*() {
    const { connection, fiber } = yield* startUser("alice")
    yield* settle
    connection.stalled = true
    for (let i = 0; i < 50_000 && connection.closedWith === undefined; i++) {
      if (!connection.paused) connection.send({ type: "ping", id: "x".repeat(64) })
      else yield* settle
    }
    assert.deepStrictEqual([connection.closedWith, connection.endedBy], [SlowReader, "terminate"])
    yield* Fiber.await(fiber)
    yield* nothingLeft
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))

  story("reading pauses while its frames wait, and goes on afterwards", function*() {
    const connection = yield* join("alice", { level: "plain" })
    for (let i = 0; i < 64; i++) connection.send({ type: "ping" })
    assert.isTrue(connection.paused)
    yield* settle
    assert.isFalse(connection.paused)
    assert.strictEqual(connection.heard.length, 64)
  })
})
