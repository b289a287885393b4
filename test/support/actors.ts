/** Actors without sockets: connections in memory, the store in memory. */
import { it } from "@effect/vitest"
import { type Cause, type Duration, Effect, Exit, Fiber, Layer, Queue, Schema, Scope } from "effect"
import { TestClock } from "effect/testing"
import { defaultDevice, DeviceId, type SessionId, UserId } from "../../src/domain/Ids.ts"
import { Authenticator } from "../../src/services/access/Authenticator.ts"
import { News } from "../../src/services/cluster/News.ts"
import * as ActorScheduler from "../../src/services/kernel/ActorScheduler.ts"
import * as Monotonic from "../../src/services/kernel/Monotonic.ts"
import { unlimited } from "../../src/services/limits/FrameLimits.ts"
import { NewsLine } from "../../src/services/server/News.ts"
import type { Level } from "../../src/services/session/Session.ts"
import type { UserMessage } from "../../src/services/session/UserMessage.ts"
import { Settings, type SettingValues } from "../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import type { MessageStore } from "../../src/services/storage/MessageStore.ts"
import * as Switchboard from "../../src/services/Switchboard.ts"
import { Meters } from "../../src/services/telemetry/Meters.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"
import { UserRef } from "../../src/services/user/UserRef.ts"
import { MemoryConnection } from "./MemoryConnection.ts"
import { isOverNodes, overNodes } from "./overNodes.ts"

const read = Schema.decodeUnknownSync(News)

/** News comes over a line that knows nothing but JSON, as it would from another process. */
const overJson = Layer.succeed(NewsLine, (news) => read(JSON.parse(JSON.stringify(news))))

export const actors = (
  settings: Partial<SettingValues> = {},
  store: Layer.Layer<MessageStore> = MemoryMessageStore.layer()
) => {
  const server = Switchboard.layer.pipe(
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provide(overJson),
    Layer.provideMerge(Settings.layerOf(settings))
  )
  return isOverNodes ? overNodes(server, store) : Layer.provideMerge(server, store)
}

export const identity = (user: string, device?: string) => ({
  user: UserId.make(user),
  device: device === undefined ? defaultDevice : DeviceId.make(device),
  named: device !== undefined
})

export interface RefOptions {
  readonly level?: Level
  readonly device?: string
  readonly maxOutboundBytes?: number
  /** Its socket takes nothing from the beginning. */
  readonly stalled?: boolean
}

let sessions = 0

/** A `UserRef` whose mailbox the test reads itself. */
export const makeRef = Effect.fnUntraced(function*(user: string, options: RefOptions = {}) {
  const now = yield* Monotonic.now
  const mailbox = yield* Queue.bounded<UserMessage, Cause.Done>(1_000)
  const connection = new MemoryConnection()
  const ref = new UserRef({
    identity: identity(user, options.device),
    session: `session-${user}-${++sessions}` as SessionId,
    level: options.level ?? "plain",
    origin: { address: "127.0.0.1", connectedAt: 0 },
    connection,
    mailbox: {
      offer: (message) => Queue.offerUnsafe(mailbox, message),
      end: () => void Queue.endUnsafe(mailbox)
    },
    limit: unlimited,
    services: {
      maxOutboundBytes: options.maxOutboundBytes ?? 1_048_576,
      now,
      meters: new Meters(),
      enqueueCursors: (source) => void source.drainMoves(() => {}, Number.POSITIVE_INFINITY)
    }
  })
  // No session reads the backlog here.
  ref.sendQueue.release()
  return { ref, connection, mailbox }
})

/** A whole UserActor on a connection in memory. */
export const startUser = Effect.fnUntraced(function*(user: string, options: RefOptions = {}) {
  const connection = new MemoryConnection()
  connection.stalled = options.stalled ?? false
  const actor = yield* UserActors
  const fiber = yield* Effect.forkChild(
    actor.run({
      identity: identity(user, options.device),
      level: options.level ?? "plain",
      connection,
      address: "127.0.0.1"
    })
  )
  return { connection, fiber }
})

/** Lets all fibers run until nobody has anything to do; no time passes. */
export const settle = ActorScheduler.idle

/** Time passes, and everything happens that was due by then. */
export const pass = (duration: Duration.Input) => Effect.andThen(TestClock.adjust(duration), settle)

/** Somebody who is there, at level `v1` unless told otherwise, with their `welcome` taken. A name alone is a device's. */
export const join = Effect.fnUntraced(function*(user: string, options: RefOptions | string = {}) {
  const more = typeof options === "string" ? { device: options } : options
  const { connection } = yield* startUser(user, { level: "v1", ...more })
  yield* settle
  if (connection.heard[0]?.type === "welcome") yield* connection.next
  return connection
})

type Services = Layer.Success<ReturnType<typeof actors>> | Scope.Scope

/** A story whose people are connections in memory. */
export const story = <A>(
  name: string,
  body: () => Generator<Effect.Effect<any, unknown, Services>, A, never>,
  layer: Layer.Layer<Layer.Success<ReturnType<typeof actors>>, unknown> = actors()
) => it.effect(name, () => Effect.gen(body).pipe(Effect.provide(layer), Effect.scoped))

/**
 * Runs a test with these services and closes them while time passes: a store that takes its time, or hangs, takes it at
 * the end too, and nobody else moves the test clock then.
 */
export const inPassingTime = <A, E, R, ROut>(
  services: Layer.Layer<ROut>,
  test: Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, ROut>> =>
  Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(Layer.fresh(services), scope)
    const exit = yield* Effect.exit(Effect.provide(test, context))
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
    yield* settle
    yield* TestClock.adjust("10 seconds")
    yield* Fiber.join(closing)
    return yield* exit
  })
