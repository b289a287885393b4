/** Whose presence the application wants to know: asked again on each connection, because it belongs to connections. */
import { Effect } from "effect"
import { maxPresence } from "../domain/ClientFrame.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { Answer } from "./types.ts"

export interface PresenceSubscriptionsOptions {
  readonly makeId: () => string
  /** Says something on the connection, if there is one. */
  readonly tell: (frame: object) => boolean
  /** Comes back when the server has handled everything that was told before. */
  readonly roundTrip: Answer<void>
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

const chunks = (users: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from(
    { length: Math.ceil(users.length / maxPresence) },
    (_, i) => users.slice(i * maxPresence, (i + 1) * maxPresence)
  )

export interface PresenceSubscriptions {
  /** A connection begins. */
  readonly connected: () => void
  /** Takes a refusal of what was told here. */
  readonly refused: (id: string, error: ChatError) => void
  readonly subscribe: (users: ReadonlyArray<string>) => Answer<void>
  readonly unsubscribe: (users: ReadonlyArray<string>) => Answer<void>
}

export const makePresenceSubscriptions = (
  { makeId, roundTrip, run, tell }: PresenceSubscriptionsOptions
): PresenceSubscriptions => {
  const watched = new Set<string>()
  /** What was told on this connection and has no answer yet, in case it is refused. */
  let unanswered = new Map<string, (error: ChatError) => void>()

  /** There is no answer but the states themselves, so `onRefused` is all that is heard of a failure. */
  const announce = (
    type: "subscribe_presence" | "unsubscribe_presence",
    users: ReadonlyArray<string>,
    onRefused: (error: ChatError) => void
  ): ReadonlyArray<string> =>
    chunks(users).map((chunk) => {
      const id = makeId()
      unanswered.set(id, (error) => {
        if (!error.temporary) return onRefused(error)
        const mine = unanswered
        const again = Effect.suspend(() =>
          mine === unanswered ? answered(announce(type, chunk, onRefused)) : Effect.void
        )
        run(Effect.andThen(Effect.sleep(error.retry_after_ms ?? 1_000), Effect.ignore(again)))
      })
      tell({ type, id, users: chunk })
      return id
    })

  /** What was not refused by the time of the round trip is not refused any more. */
  const answered = (ids: ReadonlyArray<string>) => {
    const mine = unanswered
    return Effect.ensuring(roundTrip, Effect.sync(() => ids.forEach((id) => mine.delete(id))))
  }

  const change = (type: "subscribe_presence" | "unsubscribe_presence", users: ReadonlyArray<string>) =>
    Effect.suspend(() => {
      let refusal: ChatError | undefined
      for (const user of users) {
        if (type === "subscribe_presence") watched.add(user)
        else watched.delete(user)
      }
      const ids = announce(type, users, (error) => {
        refusal = error
        for (const user of users) watched.delete(user)
      })
      return Effect.andThen(
        answered(ids),
        Effect.suspend(() => refusal === undefined ? Effect.void : Effect.fail(refusal))
      )
    })

  return {
    connected: () => {
      unanswered = new Map()
      announce("subscribe_presence", Array.from(watched), () => {})
    },
    refused: (id, error) => {
      const onRefused = unanswered.get(id)
      unanswered.delete(id)
      onRefused?.(error)
    },
    subscribe: (users) => change("subscribe_presence", users),
    unsubscribe: (users) => change("unsubscribe_presence", users)
  }
}
