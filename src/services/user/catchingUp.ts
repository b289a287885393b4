/** Begins to read what a client has missed. Until it is read, what is delivered is held. */
import { Effect, Schedule } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"
import { CaughtUp } from "../session/UserMessage.ts"
import { type Backlog, catchUp } from "./CatchUp.ts"
import type { UserRef } from "./UserRef.ts"

const retry = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")])

/** Runs something beside the messages of a connection, at most until it ends. */
export interface InBackground {
  readonly inBackground: (effect: Effect.Effect<void>) => void
}

const passOver = (
  backlog: Backlog,
  ref: UserRef,
  runner: InBackground,
  from?: ConversationId
): Effect.Effect<void> =>
  Effect.sync(() => {
    // Where it goes on, what could not all be held since is found in the pass after it.
    if (from === undefined) ref.sendQueue.hold()
    runner.inBackground(
      Effect.andThen(Effect.suspend(() => ref.blocks.known()), catchUp(backlog, ref, from)).pipe(
        Effect.retry({ schedule: retry, while: () => ref.sendQueue.isOpen }),
        Effect.map(() => ref.tell(CaughtUp)),
        Effect.ignore
      )
    )
  })

/** Most who connect are behind in nothing; only for the others a fiber reads, so that their actor goes on. */
export const catchingUp = (backlog: Backlog, ref: UserRef, runner: InBackground): Effect.Effect<void> => {
  const { device, sendQueue, user } = ref
  sendQueue.hold()
  return Effect.andThen(ref.blocks.refresh(), backlog.behind({ user, device, limit: 1 })).pipe(
    Effect.matchEffect({
      onFailure: () => passOver(backlog, ref, runner),
      onSuccess: ({ items, next }) => {
        if (items.length > 0) return passOver(backlog, ref, runner)
        // Up to there it is behind in nothing, and what comes since is held.
        if (next !== undefined) return passOver(backlog, ref, runner, next)
        return sendQueue.release() ? Effect.void : passOver(backlog, ref, runner)
      }
    })
  )
}
