/** P10: who was let in a moment before a stop, and whom the `ServerActor` does not know yet. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FiberSet, HashMap, Layer } from "effect"
import { UserId } from "../../../src/domain/Ids.ts"
import { OtherServers } from "../../../src/services/OtherServers.ts"
import { Router } from "../../../src/services/server/Router.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import type { EncodedFrame } from "../../../src/services/session/EncodedFrame.ts"
import type { Session } from "../../../src/services/session/Session.ts"
import { Settings } from "../../../src/services/Settings.ts"
import { makeDrain } from "../../../src/services/transport/drain.ts"
import { settle } from "../../support/actors.ts"

const user = UserId.make("alice")

/** What a client hears that is known only once everything told before the stop was handled. */
const heard = Effect.fnUntraced(function*(others: number) {
  const sessions = yield* FiberSet.make<void>()
  const connection = yield* FiberSet.run(sessions, Effect.never)
  const heard: Array<string> = []
  const session: Partial<Session> = {
    level: "v1",
    push: ({ wire }: EncodedFrame) => heard.push(/"type":"(\w+)"/.exec(wire.toString())![1]!),
    flush: () => {},
    tell: () => {
      heard.push("close")
      connection.interruptUnsafe()
    },
    terminate: () => {}
  }
  let registry: Router["Service"]["registry"] extends Effect.Effect<infer A> ? A : never = HashMap.empty()
  const { drain } = yield* makeDrain(sessions).pipe(
    Effect.provide(Layer.mergeAll(
      Layer.mock(Router, { registry: Effect.sync(() => registry), tellUnsafe: () => undefined }),
      Layer.mock(ServerActor, {
        flush: Effect.sync(() => {
          registry = HashMap.make([user, [session as Session]])
        })
      }),
      Layer.succeed(OtherServers, () => others),
      Settings.layerOf({ reconnectSpreadMillis: 1_000 })
    ))
  )
  const draining = yield* Effect.forkChild(drain)
  yield* settle
  const first = Array.from(heard)
  connection.interruptUnsafe()
  yield* Fiber.await(draining)
  return first
}, Effect.scoped)

describe("who came a moment before a stop", () => {
  it.effect("is asked to go elsewhere, once", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* heard(1), ["draining"])
    }))

  it.effect("of a server that is alone: hears when to come again before its end", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* heard(0), ["draining", "close"])
    }))
})
