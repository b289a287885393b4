/** How pushes wait for push services that are slow or dead. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { UserId } from "../../../src/domain/Ids.ts"
import type { PushMessage, PushOutcome } from "../../../src/services/push/PushClient.ts"
import { lateMillis, makePushSender, maxWaitingOfHost } from "../../../src/services/push/PushSender.ts"
import { Meters, type PushResult } from "../../../src/services/telemetry/Meters.ts"
import { withWallClock } from "../../support/wallClock.ts"

const message = (host: string, user = "bob"): PushMessage => ({
  record: { user: UserId.make(user), endpoint: `https://${host}/${user}`, p256dh: "", auth: "" },
  payload: "{}",
  topic: "t",
  urgency: "normal"
})

const dead: Effect.Effect<PushOutcome> = Effect.as(Effect.sleep("10 seconds"), { _tag: "Failed", reason: "Silent." })

/** What is dead by its name takes the longest time that a try has, what is slow a second, and everything else answers at once. */
const begin = Effect.gen(function*() {
  const meters = new Meters()
  const tried: Array<string> = []
  const send = yield* makePushSender({
    meters,
    gone: () => Effect.void,
    client: ({ record }) =>
      Effect.suspend((): Effect.Effect<PushOutcome> => {
        tried.push(record.endpoint)
        if (record.endpoint.startsWith("https://dead")) return dead
        const taken: PushOutcome = { _tag: "Taken" }
        return record.endpoint.startsWith("https://slow")
          ? Effect.as(Effect.sleep("1 second"), taken)
          : Effect.succeed(taken)
      })
  })
  return {
    send,
    tried,
    waiting: () => meters.gauges.pushesWaiting(),
    count: (result: PushResult) => meters.pushes.of(result)
  }
})

describe("PushSender", () => {
  it.effect("P6 however many wait for a push service that is dead, others are told at once", () =>
    Effect.gen(function*() {
      const { count, send, tried, waiting } = yield* begin
      for (let i = 0; i < maxWaitingOfHost + 100; i++) send(message("dead.example", `u${i}`))
      assert.deepStrictEqual([waiting(), count("dropped")], [maxWaitingOfHost, 100])
      yield* TestClock.adjust(1)
      for (let i = 0; i < 50; i++) send(message("alive.example", `u${i}`))
      yield* TestClock.adjust(1)
      assert.strictEqual(count("sent"), 50)
      assert.strictEqual(tried.filter((endpoint) => endpoint.startsWith("https://dead")).length, 8)
    }).pipe(Effect.scoped))

  it.effect("what has waited for five minutes is not tried any more, and makes room", () =>
    Effect.gen(function*() {
      const { count, send, tried, waiting } = yield* begin
      for (let i = 0; i < 1_000; i++) send(message("dead.example", `u${i}`))
      yield* TestClock.adjust(lateMillis + 20_000)
      const then = tried.length
      assert.isBelow(then, 300)
      assert.deepStrictEqual([waiting(), count("failed")], [0, 1_000])
      yield* TestClock.adjust(lateMillis)
      assert.strictEqual(tried.length, then)
      send(message("dead.example"))
      yield* TestClock.adjust(1)
      assert.strictEqual(tried.length, then + 1)
    }).pipe(Effect.scoped))

  for (const [name, millis] of [["back ten minutes", -600_000], ["forward an hour", 3_600_000]] as const) {
    it.effect(`a wall clock that is set ${name} makes nothing late, and keeps nothing for longer`, () =>
      withWallClock((wall) =>
        Effect.gen(function*() {
          const { count, send, waiting } = yield* begin
          for (let i = 0; i < 8; i++) send(message("dead.example", `u${i}`))
          for (let i = 0; i < 100; i++) send(message("slow.example", `u${i}`))
          yield* wall.step(millis)
          yield* TestClock.adjust("30 seconds")
          assert.deepStrictEqual([count("sent"), count("failed")], [100, 0])
          yield* TestClock.adjust(lateMillis)
          assert.deepStrictEqual([waiting(), count("failed")], [0, 8])
        }).pipe(Effect.scoped)
      ))
  }
})
