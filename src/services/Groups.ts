/** The GroupActors: started by the first message to their group, stopped when nobody has used it for a while. */
import { type Cause, Clock, Context, Effect, FiberSet, Layer, Queue, Semaphore } from "effect"
import * as Errors from "../domain/Errors.ts"
import type { GroupId, UserId } from "../domain/Ids.ts"
import { Authorization } from "./access/Authorization.ts"
import * as ActorScheduler from "./ActorScheduler.ts"
import type { GroupAudience } from "./Audience.ts"
import { GroupActor, type GroupServices } from "./GroupActor.ts"
import type { GroupMessage } from "./GroupMessage.ts"
import { IdGenerator } from "./IdGenerator.ts"
import { LogClock } from "./LogClock.ts"
import { drain } from "./Mailbox.ts"
import * as Monotonic from "./Monotonic.ts"
import { PersistenceActor } from "./PersistenceActor.ts"
import { Presence } from "./Presence.ts"
import { Settings } from "./Settings.ts"
import { MessageStore } from "./storage/MessageStore.ts"

/** Overflow policy: more is refused with `overloaded`, so that nobody else waits for one busy group. */
const mailboxCapacity = 4_096
/** A group that nobody has used for this long is let go; it is a few rows in the store then. */
export const idleMillis = 60_000

interface Active {
  readonly actor: GroupActor
  readonly mailbox: Queue.Queue<GroupMessage, Cause.Done>
}

/** What became of a message that no group handles. */
export const refuse = (message: GroupMessage, error: Errors.ChatError): void => {
  switch (message._tag) {
    case "Members":
      return message.refused(error)
    case "Flush":
      return message.done()
    case "Chat":
    case "Change":
    case "Info":
      message.origin.settled()
      message.origin.rejected(message.command.id, error)
      message.origin.flush()
  }
}

export class Groups extends Context.Service<Groups, {
  /** Never waits. */
  tell(group: GroupId, message: GroupMessage): void
  /** The members of a group that is active here. */
  peek(group: GroupId): GroupAudience | undefined
  /** What is known of the members may not be so any more; each group is read again before it goes on. */
  doubt(): void
  /** Calls back once everything told before has been handed on. */
  flush(done: () => void): void
  /** How many groups are active. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/Groups") {
  static readonly layer = Layer.effect(
    Groups,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const monotonic = Monotonic.nowOf(clock)
      const presence = yield* Presence
      const { maxGroupMembers } = yield* Settings
      const services: GroupServices = {
        store: yield* MessageStore,
        persistence: yield* PersistenceActor,
        ids: yield* IdGenerator,
        policy: yield* Authorization,
        now: () => clock.currentTimeMillisUnsafe(),
        stamp: (yield* LogClock).stamp,
        monotonic,
        maxMembers: maxGroupMembers,
        changed: (users: ReadonlyArray<UserId>) => presence.recheck(users)
      }
      const actors = new Map<GroupId, Active>()
      const fibers = yield* FiberSet.make<void>()
      const run = yield* FiberSet.runtime(fibers)<never>()

      const stop = (active: Active) => {
        if (actors.get(active.actor.group) === active) actors.delete(active.actor.group)
        Queue.endUnsafe(active.mailbox)
      }

      /** Nobody is kept waiting for a group that cannot work; the next message tries again with a new actor. */
      const giveUp = (active: Active): Effect.Effect<void> =>
        Effect.suspend(() => {
          stop(active)
          return drain(active.mailbox, (batch) => {
            const error = Errors.unavailable("The group cannot be used at the moment; send it again.", 1_000)
            for (const message of batch) refuse(message, error)
            return undefined
          })
        })

      const work = (active: Active): Effect.Effect<void> =>
        drain(active.mailbox, (batch, from) => {
          const waiting = active.actor.handle(batch, from)
          // Whoever asks for groups that do not exist must not fill the memory with them.
          if (waiting === undefined && active.actor.isVacant) stop(active)
          return waiting
        })

      const live = (active: Active): Effect.Effect<void> =>
        oneAtATime.withPermits(1)(Effect.ensuring(active.actor.load, ActorScheduler.nextTurn)).pipe(
          Effect.matchEffect({ onFailure: () => giveUp(active), onSuccess: () => work(active) }),
          Effect.catchDefect((defect) => Effect.andThen(Effect.logError("GroupActor.defect", defect), giveUp(active)))
        )

      /** One is read in a turn, so that whoever asks for many groups keeps nobody waiting but themselves. */
      const oneAtATime = yield* Semaphore.make(1)
      const runSync = Effect.runSyncWith(yield* Effect.context<never>())

      const sweep = Effect.sync(() => {
        const now = monotonic()
        for (const active of actors.values()) {
          if (now - active.actor.lastUsed >= idleMillis && Queue.sizeUnsafe(active.mailbox) === 0) stop(active)
        }
      })
      yield* Effect.sleep(idleMillis / 2).pipe(Effect.andThen(sweep), Effect.forever, Effect.forkScoped)

      const start = (group: GroupId, message: GroupMessage) => {
        const active = {
          actor: new GroupActor(group, services),
          mailbox: runSync(Queue.bounded<GroupMessage, Cause.Done>(mailboxCapacity))
        }
        actors.set(group, active)
        // Before the fiber runs: it ends at once where the group cannot be read, and refuses what is there by then.
        Queue.offerUnsafe(active.mailbox, message)
        run(live(active))
      }

      const tell = (group: GroupId, message: GroupMessage): void => {
        const active = actors.get(group)
        if (active === undefined) return start(group, message)
        if (!Queue.offerUnsafe(active.mailbox, message)) {
          refuse(message, Errors.overloaded("The group is busy; send it again with the same id in a moment.", 1_000))
        }
      }

      return Groups.of({
        tell,
        peek: (group) => actors.get(group)?.actor.audience,
        doubt: () => {
          for (const { actor } of actors.values()) actor.doubt()
        },
        flush: (done) => {
          let left = actors.size
          if (left === 0) return done()
          for (const group of actors.keys()) {
            tell(group, { _tag: "Flush", done: () => --left === 0 ? done() : undefined })
          }
        },
        size: Effect.sync(() => actors.size)
      })
    })
  )
}
