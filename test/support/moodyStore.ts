/** A store of an app's own, in the mood that a test wants: it answers, never answers, answers late, fails or dies. */
import { Context, Deferred, Effect, Layer } from "effect"
import { Journal } from "../../src/services/storage/Journal.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, StoreError } from "../../src/services/storage/MessageStore.ts"

type Mood = "well" | "silent" | "deaf" | "failing" | "dying"

export class Moody {
  mood: Mood = "well"
  /** Calls by name, that were made and that have not ended. */
  readonly calls: Array<string> = []
  hanging = 0
  /** Only these calls are in the mood; all of them without it. */
  only: ReadonlySet<string> | undefined
  #woken = Deferred.makeUnsafe<void>()

  /** What hangs is carried out now, however long ago it was asked for. */
  readonly wake = Effect.suspend(() => {
    const woken = this.#woken
    this.#woken = Deferred.makeUnsafe<void>()
    this.mood = "well"
    return Effect.asVoid(Deferred.succeed(woken, undefined))
  })

  readonly #call = <A>(name: string, call: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> =>
    Effect.suspend((): Effect.Effect<A, StoreError> => {
      this.calls.push(name)
      if (this.only?.has(name) === false) return call
      switch (this.mood) {
        case "well":
          return call
        case "failing":
          return Effect.fail(new StoreError({ kind: "unavailable", message: "It is away." }))
        case "dying":
          return Effect.die(new Error("a mistake in the store"))
        // Like a promise that nobody can abort, and like a driver in the middle of a COMMIT.
        case "deaf":
          return this.#hangs(Effect.uninterruptible(Effect.andThen(Deferred.await(this.#woken), call)))
        case "silent":
          return this.#hangs(Effect.andThen(Deferred.await(this.#woken), call))
      }
    })

  #hangs<A>(call: Effect.Effect<A, StoreError>): Effect.Effect<A, StoreError> {
    this.hanging++
    return Effect.ensuring(
      call,
      Effect.sync(() => {
        this.hanging--
      })
    )
  }

  #moody<A extends object>(service: A): A {
    const members = Object.entries(service).map(([name, member]) => [
      name,
      Effect.isEffect(member)
        ? this.#call(name, member as Effect.Effect<unknown, StoreError>)
        : typeof member === "function"
        ? (...args: ReadonlyArray<never>) =>
          this.#call(
            name,
            Effect.suspend(() =>
              (member as (...args: ReadonlyArray<never>) => Effect.Effect<unknown, StoreError>)(...args)
            )
          )
        : member
    ])
    // The members of the service under their names; `Object.fromEntries` forgets which these are.
    return Object.fromEntries(members) as never
  }

  /** With its journal, which is in the same mood. */
  readonly layer: Layer.Layer<MessageStore | Journal> = Layer.effectContext(Effect.gen({ self: this }, function*() {
    return Context.make(MessageStore, this.#moody(yield* MessageStore)).pipe(
      Context.add(Journal, this.#moody(yield* Journal))
    )
  })).pipe(Layer.provide(MemoryMessageStore.layer()))
}
