/** Removes what is too old or too much. Without it everything is kept. */
import { Clock, Duration, Effect, Layer } from "effect"
import { repeatForever } from "../kernel/repeatForever.ts"
import { MessageStore } from "./MessageStore.ts"

/** `0` keeps all. */
export interface RetentionOptions {
  /** Days after which messages are removed. */
  readonly days?: number
  /** Messages kept in each conversation. */
  readonly messages?: number
  /** Days after which an unused named device is forgotten. */
  readonly deviceDays?: number
}

const every = "1 minute"

/** Trims the store once a minute. A store that fails is asked again next time; what was removed is in the log. */
export const layer = (
  { days = 0, deviceDays = 0, messages = 0 }: RetentionOptions
): Layer.Layer<never, never, MessageStore> =>
  days === 0 && messages === 0 && deviceDays === 0 ? Layer.empty : Layer.effectDiscard(Effect.gen(function*() {
    const store = yield* MessageStore
    const trim = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const daysAgo = (count: number) => now - Duration.toMillis(Duration.days(count))
      const removed = yield* store.trim({
        ...(days === 0 ? undefined : { before: daysAgo(days) }),
        ...(deviceDays === 0 ? undefined : { devicesBefore: daysAgo(deviceDays) }),
        ...(messages === 0 ? undefined : { keep: messages })
      })
      if (removed > 0) yield* Effect.logInfo("Retention.trimmed").pipe(Effect.annotateLogs({ removed }))
    }).pipe(Effect.catchTag("StoreError", (error) => Effect.logWarning("Retention.failed", error.message)))
    yield* Effect.forkScoped(repeatForever("Retention", trim, every))
  }))
