/**
 * Whether the store can be used. Found out by those who fail to use it; while it cannot be used it is asked again and
 * again, and when it answers, whatever it may have kept without an answer is looked for.
 */
import { Context, Effect, Exit, Fiber, Layer, Schedule } from "effect"
import { exitInTime } from "../kernel/inTime.ts"
import { limited } from "../kernel/LogLimit.ts"
import { Hanging } from "./Hanging.ts"
import { MessageStore, StoreError } from "./MessageStore.ts"
import { checkMillis, lateMillis, maxHanging } from "./storeBounds.ts"

export const noAnswer = () => new StoreError({ kind: "unavailable", message: "The store does not answer." })

/** A store that breaks is a store that fails: what it threw is the cause. */
export const storeBroke = (cause: unknown) =>
  new StoreError({ kind: "unavailable", message: "The store broke.", cause })

export class StoreHealth extends Context.Service<StoreHealth, {
  /** Why nothing can be kept at the moment. */
  down(): StoreError | undefined
  /** It is down, and does not even say so: whoever asks would wait for nothing. */
  silent(): boolean
  /** A commit was not answered, or answered with this. */
  failed(error: StoreError): Effect.Effect<void>
  /** Something else was not answered as it should be: the store is asked whether it works. */
  readonly suspect: Effect.Effect<void>
  /** A commit was given up. It may still happen: others wait for it a while, and when it ends it is looked for. */
  late(commit: Fiber.Fiber<unknown, unknown>): void
  /** For the PersistenceActor alone: what to do when there may be something in the store that nobody was told of. */
  onUnseen(look: Effect.Effect<void>): void
}>()("switchboard/services/storage/StoreHealth") {
  static readonly layer = Layer.effect(
    StoreHealth,
    Effect.gen(function*() {
      const store = yield* MessageStore
      const scope = yield* Effect.scope
      const run = Effect.runForkWith(yield* Effect.context<never>())
      const checks = new Hanging(maxHanging.checks)
      const commits = new Hanging(maxHanging.commits)
      let look: Effect.Effect<void> = Effect.void
      let down: StoreError | undefined
      let silent = false
      let suspected = false
      let lateCommit: Fiber.Fiber<unknown, unknown> | undefined

      const check = Effect.gen(function*() {
        if (checks.isFull || commits.isFull) return yield* noAnswer()
        const answer = yield* exitInTime(Effect.suspend(() => store.check), checkMillis)
        silent = !Exit.isExit(answer)
        if (Exit.isExit(answer)) return yield* Effect.catchDefect(answer, (cause) => Effect.fail(storeBroke(cause)))
        checks.giveUp(answer)
        return yield* noAnswer()
      })

      /** Two commits at once could be told in another order than they are kept. */
      const settled = Effect.suspend(() => {
        const commit = lateCommit
        lateCommit = undefined
        if (commit === undefined || commit.pollUnsafe() !== undefined) return Effect.void
        return Effect.flatMap(exitInTime(Fiber.await(commit), lateMillis), (answer) =>
          Effect.sync(() => {
            if (!Exit.isExit(answer)) commits.giveUp(commit)
          }))
      })

      const probe = check.pipe(
        Effect.retry(Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])),
        Effect.andThen(settled),
        Effect.andThen(Effect.suspend(() => look)),
        Effect.andThen(Effect.suspend(() => {
          down = undefined
          return limited("Store.recovered", Effect.logInfo("Store.recovered"))
        })),
        Effect.ignore
      )

      const failed = (error: StoreError) =>
        Effect.suspend(() => {
          if (error.kind === "overloaded" || down !== undefined) return Effect.void
          down = error
          const line = Effect.annotateLogs(Effect.logError("Store.failed"), { kind: error.kind, reason: error.message })
          return limited("Store.failed", line).pipe(
            Effect.andThen(Effect.forkIn(probe, scope)),
            Effect.asVoid
          )
        })

      const suspect = Effect.suspend(() => {
        if (down !== undefined || suspected) return Effect.void
        suspected = true
        return check.pipe(
          Effect.catchTag("StoreError", failed),
          Effect.ensuring(Effect.sync(() => {
            suspected = false
          })),
          Effect.forkIn(scope),
          Effect.asVoid
        )
      })

      return StoreHealth.of({
        down: () => down,
        silent: () => silent && down !== undefined,
        failed,
        suspect,
        late: (commit) => {
          lateCommit = commit
          commit.addObserver(() => run(Effect.suspend(() => down === undefined ? look : Effect.void)))
        },
        onUnseen: (effect) => {
          look = effect
        }
      })
    })
  )
}
