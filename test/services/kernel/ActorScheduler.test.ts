/** Whose turn it is: a loop of one's own decides when the actors of a server go on. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as ActorScheduler from "../../../src/services/kernel/ActorScheduler.ts"

describe("EventLoop", () => {
  it.effect("tasks and next turns wait for the loop that is provided", () =>
    Effect.gen(function*() {
      const turns: Array<() => void> = []
      const loop = Layer.succeed(ActorScheduler.EventLoop, { next: (turn) => void turns.push(turn) })
      const services = yield* Layer.build(Layer.provideMerge(ActorScheduler.layer, loop))
      const run = Effect.runForkWith(services as Context.Context<never>)
      const done: Array<string> = []
      const actor = (name: string) =>
        run(Effect.andThen(
          Effect.sync(() => void done.push(name)),
          Effect.andThen(ActorScheduler.nextTurn, Effect.sync(() => void done.push(`${name} again`)))
        ))
      actor("a")
      actor("b")
      run(Effect.andThen(Effect.yieldNow, Effect.sync(() => void done.push("c"))))
      const turn = () => turns.splice(0).forEach((each) => each())
      assert.deepStrictEqual(done, ["a", "b"])
      turn()
      assert.deepStrictEqual(done, ["a", "b", "a again", "b again", "c"])
      assert.isEmpty(turns)
    }).pipe(Effect.scoped))
})
