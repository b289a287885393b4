/**
 * Who is typing where. Never stored; ends by itself `typingMillis` after the last sign, and however fast somebody turns
 * it on and off, others hear of it at most once a second.
 */
import { Clock, Context, Effect, Layer } from "effect"
import type { ConversationId, UserId } from "../domain/Ids.ts"
import { repeatForever } from "./repeatForever.ts"

export const typingMillis = 6_000
const pauseMillis = 1_000
const tickMillis = 250

/** Tells the others. */
type Show = (active: boolean) => void

interface Entry {
  active: boolean
  shown: boolean
  shownAt: number
  until: number
  show: Show
}

export class Typing extends Context.Service<Typing, {
  /** `show` is called when the others should hear of it, now or a little later. */
  set(user: UserId, conversation: ConversationId, active: boolean, show: Show): void
  /** How many are typing, or were a moment ago. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/Typing") {
  static readonly layer = Layer.effect(
    Typing,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const entries = new Map<string, Entry>()

      const showDue = (entry: Entry, now: number) => {
        if (entry.active === entry.shown || now - entry.shownAt < pauseMillis) return
        entry.shown = entry.active
        entry.shownAt = now
        entry.show(entry.active)
      }

      const tick = () => {
        const now = clock.currentTimeMillisUnsafe()
        for (const [key, entry] of entries) {
          if (now >= entry.until) entry.active = false
          showDue(entry, now)
          if (!entry.active && !entry.shown && now - entry.shownAt >= pauseMillis) entries.delete(key)
        }
      }
      yield* Effect.forkScoped(repeatForever("Typing", Effect.sync(tick), tickMillis))

      return Typing.of({
        set: (user, conversation, active, show) => {
          const now = clock.currentTimeMillisUnsafe()
          const key = `${user} ${conversation}`
          let entry = entries.get(key)
          if (entry === undefined) {
            if (!active) return
            entry = { active, shown: false, shownAt: Number.NEGATIVE_INFINITY, until: 0, show }
            entries.set(key, entry)
          }
          entry.active = active
          entry.show = show
          entry.until = now + typingMillis
          showDue(entry, now)
        },
        size: Effect.sync(() => entries.size)
      })
    })
  )
}
