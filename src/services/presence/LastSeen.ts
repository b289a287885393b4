/** When users were here last: written to the store together, every few seconds, and never once per change. */
import { Context, Effect, Layer } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"

const writeMillis = 5_000
/** As many may wait while the store is down; then the oldest is forgotten. */
const maxWaiting = 100_000

interface Noted {
  readonly at: number
  readonly isNotedElsewhere: boolean
}

export class LastSeen extends Context.Service<LastSeen, {
  /** `at` in milliseconds since the epoch. Where another server writes it, it is known here for as long as that may take. */
  note(user: UserId, at: number, isNotedElsewhere?: boolean): void
  /** What has been noted of this user is not written. */
  forget(user: UserId): void
  /** What has been noted and is not written yet. */
  recent(user: UserId): number | undefined
  of(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyMap<UserId, number>, StoreError>
  /** Writes what waits; what fails is tried again with the next. */
  readonly write: Effect.Effect<void>
}>()("switchboard/services/presence/LastSeen") {
  static readonly layer = Layer.effect(
    LastSeen,
    Effect.gen(function*() {
      const store = yield* MessageStore
      const waiting = new Map<UserId, Noted>()

      const note = (user: UserId, at: number, isNotedElsewhere = false) => {
        waiting.set(user, { at, isNotedElsewhere })
        ticker.wake()
        if (waiting.size <= maxWaiting) return
        const [oldest] = waiting.keys()
        if (oldest !== undefined) waiting.delete(oldest)
      }

      const write = Effect.suspend(() => {
        if (waiting.size === 0) return Effect.void
        const batch = Array.from(waiting)
        const ours = batch.flatMap(([user, { at, isNotedElsewhere }]) => isNotedElsewhere ? [] : [{ user, at }])
        return (ours.length === 0 ? Effect.void : store.putLastSeen(ours)).pipe(
          Effect.map(() => {
            // Not what was noted meanwhile.
            for (const [user, noted] of batch) if (waiting.get(user) === noted) waiting.delete(user)
          }),
          Effect.catchTag("StoreError", () => Effect.void)
        )
      })
      const ticker = yield* makeTicker("LastSeen", {
        turn: write,
        pause: writeMillis,
        isIdle: () => waiting.size === 0
      })

      return LastSeen.of({
        note,
        forget: (user) => void waiting.delete(user),
        recent: (user) => waiting.get(user)?.at,
        of: Effect.fnUntraced(function*(users: ReadonlyArray<UserId>) {
          const seen = new Map((yield* store.lastSeen(users)).map(({ at, user }) => [user, at]))
          for (const user of users) {
            const at = waiting.get(user)?.at
            if (at !== undefined) seen.set(user, at)
          }
          return seen
        }),
        write
      })
    })
  )
}
