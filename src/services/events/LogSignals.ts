/**
 * Which conversations have something new, for those who follow the log. A hint and nothing more: what was missed is in
 * the store, and whoever follows looks there in any case.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"

export interface LogListener {
  /** None of these waits or throws. */
  readonly note: (conversation: ConversationId) => void
  /** Nobody knows what was missed. */
  readonly missed: () => void
}

export class LogSignals extends Context.Service<
  LogSignals,
  LogListener & {
    /** Hears of it for as long as the scope is open. */
    readonly listen: (listener: LogListener) => Effect.Effect<void, never, Scope.Scope>
  }
>()("switchboard/services/events/LogSignals") {
  static readonly layer = Layer.sync(LogSignals, () => {
    const listeners = new Set<LogListener>()
    return LogSignals.of({
      note: (conversation) => {
        for (const listener of listeners) listener.note(conversation)
      },
      missed: () => {
        for (const listener of listeners) listener.missed()
      },
      listen: (listener) =>
        Effect.acquireRelease(
          Effect.sync(() => void listeners.add(listener)),
          () => Effect.sync(() => void listeners.delete(listener))
        )
    })
  })
}
