import { assert, describe, it } from "@effect/vitest"
import { type Cause, Effect, Fiber, Queue } from "effect"
import { drain, offer } from "../../../src/services/kernel/Mailbox.ts"

describe("Mailbox", () => {
  it.effect("offer tells a mailbox that is full from one that has ended", () =>
    Effect.gen(function*() {
      const mailbox = yield* Queue.bounded<number, Cause.Done>(1)
      const refused: Array<number> = []
      const tell = (message: number) => offer(mailbox, message, (each) => refused.push(each))
      assert.isUndefined(tell(1))
      const waiting = tell(2)
      assert.isDefined(waiting)
      const waiter = yield* Effect.forkChild(waiting!)
      yield* Effect.yieldNow
      yield* Queue.end(mailbox)
      assert.deepStrictEqual(refused, [])
      assert.isUndefined(tell(3))
      assert.deepStrictEqual(refused, [3])
      // What was told before the end is handled, also what had to wait for room.
      const handled: Array<number> = []
      yield* drain(mailbox, (batch) => {
        handled.push(...batch)
        return undefined
      })
      yield* Fiber.join(waiter)
      assert.deepStrictEqual(handled, [1, 2])
      assert.isUndefined(tell(4))
      assert.deepStrictEqual(refused, [3, 4])
    }))

  it.effect("what began to wait for room too late is refused, not left without an answer", () =>
    Effect.gen(function*() {
      const mailbox = yield* Queue.bounded<number, Cause.Done>(1)
      const refused: Array<number> = []
      const tell = (message: number) => offer(mailbox, message, (each) => refused.push(each))
      tell(1)
      const waiting = tell(2)!
      yield* Queue.end(mailbox)
      yield* waiting
      assert.deepStrictEqual(refused, [2])
    }))
})
