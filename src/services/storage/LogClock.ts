/**
 * The time that entries and blocks bear. It never goes back, whatever the machine's clock does, nor behind what is in
 * the store when the server starts: whether something was said during a block is asked of its time, for ever after.
 */
import { Clock, Context, Effect, Layer, Schedule } from "effect"
import { MessageStore } from "./MessageStore.ts"

export class LogClock extends Context.Service<LogClock, {
  /** For an entry, in milliseconds since the epoch; not before anything that was stamped earlier. */
  stamp(): number
  /**
   * For where a block begins or ends: after all entries that were stamped before, and after that time, which another
   * server gave; and not after those that come.
   */
  boundary(after?: number): number
}>()("switchboard/services/storage/LogClock") {
  static readonly layer = Layer.effect(
    LogClock,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const store = yield* MessageStore
      const started = yield* Clock.currentTimeMillis
      let last = yield* store.latest(started).pipe(
        Effect.retry(Schedule.recurs(2)),
        // Such a store is told of elsewhere, and the machine's clock is right but for rare cases.
        Effect.catchTag(
          "StoreError",
          ({ message }) =>
            Effect.as(Effect.annotateLogs(Effect.logWarning("LogClock.unknown"), { reason: message }), started)
        )
      )
      const advance = (least: number): number => {
        const now = clock.currentTimeMillisUnsafe()
        return last = now > least ? now : least
      }
      return LogClock.of({ stamp: () => advance(last), boundary: (after = 0) => advance(Math.max(last, after) + 1) })
    })
  )
}
