import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit } from "effect"
import * as ActorScheduler from "../../../src/services/kernel/ActorScheduler.ts"
import { IdleActor, IdleActors } from "../../../src/services/kernel/IdleActor.ts"
import type { Waiting } from "../../../src/services/kernel/Mailbox.ts"

/** Notes what it handles; a message may be an effect to wait for, or an error to die of. */
class Noting extends IdleActor<string | Error | Effect.Effect<void>> {
  readonly batches: Array<Array<string>> = []
  exit: Exit.Exit<void> | undefined

  protected override handle(
    batch: ReadonlyArray<string | Error | Effect.Effect<void>>,
    from: number
  ): Waiting | undefined {
    const noted: Array<string> = []
    this.batches.push(noted)
    for (let i = from; i < batch.length; i++) {
      const message = batch[i]!
      if (message instanceof Error) throw message
      if (typeof message !== "string") return { effect: message, next: i + 1 }
      noted.push(message)
    }
    return undefined
  }

  protected override ended(exit: Exit.Exit<void>): void {
    this.exit = exit
  }
}

const story = (name: string, body: (actor: Noting) => Generator<Effect.Effect<any>, void, never>) =>
  it.effect(name, () =>
    Effect.flatMap(IdleActors.make(4), (actors) => Effect.gen(() => body(new Noting(actors)))).pipe(
      Effect.provide(ActorScheduler.layer)
    ))

const settle = ActorScheduler.idle

describe("IdleActor", () => {
  story("what has gathered is one step, and what comes later another", function*(actor) {
    actor.offer("a")
    actor.offer("b")
    assert.deepStrictEqual(actor.batches, [])
    yield* settle
    actor.offer("c")
    yield* settle
    assert.deepStrictEqual(actor.batches, [["a", "b"], ["c"]])
  })

  story("takes no more than may wait, and nothing after its end; what waits is carried out before", function*(actor) {
    for (const message of ["a", "b", "c", "d"]) assert.isTrue(actor.offer(message))
    assert.isFalse(actor.offer("e"))
    assert.strictEqual(actor.waiting, 4)
    actor.end()
    assert.isUndefined(actor.exit)
    yield* settle
    assert.deepStrictEqual(actor.batches, [["a", "b", "c", "d"]])
    assert.deepStrictEqual(actor.exit, Exit.void)
    assert.isFalse(actor.offer("f"))
  })

  story("what a message waits for is waited for by those behind it, and by nobody else", function*(actor) {
    const gate = yield* Deferred.make<void>()
    const other = new Noting(yield* IdleActors.make(4))
    actor.offer("a")
    actor.offer(Effect.void)
    actor.offer(Deferred.await(gate))
    actor.offer("b")
    other.offer("z")
    yield* settle
    actor.offer("c")
    actor.end()
    yield* settle
    assert.deepStrictEqual(actor.batches.flat(), ["a"])
    assert.deepStrictEqual(other.batches, [["z"]])
    yield* Deferred.succeed(gate, undefined)
    yield* settle
    assert.deepStrictEqual(actor.batches.flat(), ["a", "b", "c"])
    assert.deepStrictEqual(actor.exit, Exit.void)
  })

  story("whatever dies in it ends it, and nothing after that is carried out", function*(actor) {
    const error = new Error("a defect")
    actor.offer("a")
    actor.offer(error)
    actor.offer("b")
    yield* settle
    assert.deepStrictEqual(actor.exit, Exit.die(error))
    assert.isFalse(actor.offer("c"))
    const another = new Noting(yield* IdleActors.make(4))
    another.offer(Effect.andThen(ActorScheduler.nextTurn, Effect.die(error)))
    another.offer("d")
    yield* settle
    assert.isTrue(another.exit !== undefined && Exit.isFailure(another.exit))
    assert.deepStrictEqual(another.batches.flat(), [])
  })

  story("stopped, it ends what it waits for and carries nothing out", function*(actor) {
    let interrupted = false
    actor.offer(Effect.onInterrupt(Effect.never, () =>
      Effect.sync(() => {
        interrupted = true
      })))
    actor.offer("a")
    yield* settle
    yield* actor.stop()
    yield* settle
    assert.isTrue(interrupted)
    assert.deepStrictEqual(actor.batches.flat(), [])
    assert.isUndefined(actor.exit)
    assert.isFalse(actor.offer("b"))
  })
})
