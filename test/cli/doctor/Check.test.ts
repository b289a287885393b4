import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type Check, limitMillis, makeAll, ok } from "../../../src/cli/doctor/Check.ts"

const named = (name: string, run: Check["run"]): Check => ({ name, run })

describe("the checks", () => {
  it.effect("each has its own end, whatever the others do, and all are told in their order", () =>
    Effect.gen(function*() {
      const making = yield* Effect.forkChild(makeAll([
        named("hangs", Effect.never),
        named("cannot be interrupted", Effect.uninterruptible(Effect.never)),
        named("is a mistake", Effect.die(new Error("a password"))),
        named(
          "throws",
          Effect.sync(() => {
            throw new Error("a password")
          })
        ),
        named("says nothing", Effect.succeed([])),
        named("is well", Effect.succeed([ok("well", "It is."), ok("well", "So is this.")]))
      ]))
      yield* TestClock.adjust(limitMillis)
      assert.deepStrictEqual(
        (yield* Fiber.join(making)).map(({ check, message, status }) => [status, check, message]),
        [
          ["failed", "hangs", "No answer in 5 seconds; see that it runs and can be reached."],
          ["failed", "cannot be interrupted", "No answer in 5 seconds; see that it runs and can be reached."],
          ["failed", "is a mistake", "It could not be looked at."],
          ["failed", "throws", "It could not be looked at."],
          ["ok", "well", "It is."],
          ["ok", "well", "So is this."]
        ]
      )
    }))

  it.effect("one that reads all of a file may take its time", () =>
    Effect.gen(function*() {
      const run = Effect.as(Effect.sleep("1 hour"), [ok("slow", "It is done.")])
      const making = yield* Effect.forkChild(makeAll([{ name: "slow", run, unbounded: true }]))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(making))[0]?.status, "ok")
    }))
})
