/** P10: who was let in a moment before a stop, and whom the `ServerActor` does not know yet, because the store is silent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FiberSet, Layer } from "effect"
import { TestClock } from "effect/testing"
import { OtherServers } from "../../../src/services/OtherServers.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import type { EncodedFrame } from "../../../src/services/session/EncodedFrame.ts"
import type { Session } from "../../../src/services/session/Session.ts"
import { Settings } from "../../../src/services/Settings.ts"
import { makeDrain } from "../../../src/services/transport/drain.ts"
import { settle } from "../../support/actors.ts"

/** What a client hears before what was told until the stop is handled. */
const heard = Effect.fnUntraced(function*(others: number) {
  const sessions = yield* FiberSet.make<void>()
  const connection = yield* FiberSet.run(sessions, Effect.never)
  const heard: Array<string> = []
  const session: Partial<Session> = {
    level: "v1",
    push: ({ text }: EncodedFrame) => heard.push(/"type":"(\w+)"/.exec(text)![1]!),
    flush: () => {},
    tell: () => {},
    terminate: () => heard.push("terminated")
  }
  const { drain } = yield* makeDrain(sessions, Effect.succeed([session as Session])).pipe(
    Effect.provide(Layer.mergeAll(
      Layer.mock(ServerActor, { flush: Effect.never }),
      Layer.succeed(OtherServers, () => others),
      Settings.layerOf({ reconnectSpreadMillis: 1_000, drainMillis: 1_000 })
    ))
  )
  const draining = yield* Effect.forkChild(drain)
  yield* settle
  const first = heard.splice(0)
  yield* TestClock.adjust("10 seconds")
  yield* Fiber.join(draining)
  return { first, later: heard, isGone: connection.pollUnsafe() !== undefined }
}, Effect.scoped)

describe("who came a moment before a stop, of which the store says nothing", () => {
  it.effect("is asked to go elsewhere, once", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* heard(1), { first: ["draining"], later: ["terminated"], isGone: true })
    }))

  it.effect("of a server that is alone: hears when to come again before its end", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* heard(0), { first: ["draining"], later: ["terminated"], isGone: true })
    }))
})
