/** The GroupActors: started by the first message to their group, stopped when nobody has used it for a while. */
import { Cause, Clock, Context, Effect, FiberSet, Layer, Queue } from "effect"
import type * as Errors from "../../domain/Errors.ts"
import type { GroupId, UserId } from "../../domain/Ids.ts"
import { Authorization } from "../access/Authorization.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { drain } from "../kernel/Mailbox.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { makeTurns } from "../kernel/Turns.ts"
import { Quotas } from "../limits/Quotas.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Presence } from "../presence/Presence.ts"
import type { GroupAudience } from "../session/Audience.ts"
import { Settings } from "../Settings.ts"
import { LogClock } from "../storage/LogClock.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { GroupActor } from "./GroupActor.ts"
import { groupBusy, groupLost, noGroup, tooManyQuestions } from "./groupAnswers.ts"
import type { GroupServices } from "./GroupChanges.ts"
import { type GroupMessage, type GroupRequest, Look, refuse } from "./GroupMessage.ts"

/** Overflow policy: more is refused with `overloaded`, so that nobody else waits for one busy group. */
const mailboxCapacity = 4_096
/** A group that nobody has used for this long is let go; it is a few rows in the store then. */
export const idleMillis = 60_000

/** For so long whoever was told that there is no such group of theirs is told so again without a look. */
export const unknownMillis = 2_000
const maxUnknown = 10_000

interface Active {
  readonly actor: GroupActor
  readonly mailbox: Queue.Queue<GroupMessage, Cause.Done>
  /** Whose turn it waits for to be read; `undefined` once it is. */
  asked: Set<UserId> | undefined
}

const isCreation = (message: GroupMessage): boolean =>
  message._tag === "Change" && message.command.type === "create_group"

/** Who asked for which group in vain, a moment ago. What is past the bound is looked up again. */
class Unknown {
  readonly #since = new Map<string, number>()

  add(user: UserId, group: GroupId, now: number): void {
    const key = `${user}\0${group}`
    this.#since.delete(key)
    this.#since.set(key, now)
    if (this.#since.size > maxUnknown) this.#since.delete(this.#since.keys().next().value!)
  }

  has(user: UserId, group: GroupId, now: number): boolean {
    const since = this.#since.get(`${user}\0${group}`)
    return since !== undefined && now < since + unknownMillis
  }

  forget(now: number): void {
    for (const [key, since] of this.#since) {
      if (now < since + unknownMillis) return
      this.#since.delete(key)
    }
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
}>()("switchboard/services/group/Groups") {
  static readonly layer = Layer.effect(
    Groups,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const monotonic = Monotonic.nowOf(clock)
      const presence = yield* Presence
      const { maxGroupMembers } = yield* Settings
      const turns = yield* makeTurns
      const unknown = new Unknown()
      const services: GroupServices = {
        store: yield* MessageStore,
        persistence: yield* PersistenceActor,
        ids: yield* IdGenerator,
        policy: yield* Authorization,
        stamp: (yield* LogClock).stamp,
        monotonic,
        maxMembers: maxGroupMembers,
        quotas: yield* Quotas,
        changed: (users: ReadonlyArray<UserId>) => presence.recheck(users),
        turns,
        again: (group, message) => enqueue(group, message),
        late: (group, entry) => {
          const active = actors.get(group) ?? create(group)
          active.actor.takeLate(entry)
          // A mailbox that is full comes to it all the same.
          Queue.offerUnsafe(active.mailbox, Look)
          if (active.asked?.size === 0) run(begin(active))
        },
        unknownTo: (user, group) => unknown.add(user, group, monotonic())
      }
      const actors = new Map<GroupId, Active>()
      const fibers = yield* FiberSet.make<void>()
      const run = yield* FiberSet.runtime(fibers)<never>()
      const runSync = Effect.runSyncWith(yield* Effect.context<never>())

      const stop = (active: Active) => {
        if (actors.get(active.actor.group) === active) actors.delete(active.actor.group)
        Queue.endUnsafe(active.mailbox)
      }

      /** Nobody is kept waiting for a group that cannot work; the next message tries again with a new actor. */
      const giveUp = (active: Active, error: Errors.ChatError): Effect.Effect<void> =>
        Effect.suspend(() => {
          stop(active)
          return drain(active.mailbox, (batch) => {
            for (const message of batch) refuse(message, error)
            return undefined
          })
        })

      const work = (active: Active): Effect.Effect<void> => {
        let taken: ReadonlyArray<GroupMessage> = []
        return drain(active.mailbox, (batch, from) => {
          taken = batch
          const waiting = active.actor.handle(batch, from)
          // Whoever asks for groups that do not exist must not fill the memory with them.
          if (waiting === undefined && active.actor.isEmpty) stop(active)
          return waiting
        }).pipe(
          Effect.catchDefect((defect) => {
            // They have left the mailbox, and nobody else knows of them.
            for (const message of taken.slice(active.actor.next)) refuse(message, groupLost())
            return Effect.andThen(Effect.logError("GroupActor.defect", defect), giveUp(active, groupLost()))
          })
        )
      }

      /** Whoever never was in it is refused before the group is read: it may be large, and may not be there. */
      const refuseStranger = (active: Active, user: UserId) =>
        Effect.suspend(() => {
          const { asked, mailbox } = active
          if (asked === undefined) return Effect.void
          const { group } = active.actor
          unknown.add(user, group, monotonic())
          asked.delete(user)
          let creates = false
          for (const message of runSync(Queue.clear(mailbox))) {
            if (isCreation(message)) creates = true
            else if ("sender" in message && message.sender === user) {
              refuse(message, noGroup())
              continue
            }
            Queue.offerUnsafe(mailbox, message)
          }
          if (creates || !active.actor.isEmpty) return begin(active)
          return asked.size === 0 ? giveUp(active, tooManyQuestions()) : Effect.void
        })

      /** For whoever asks first; those of whom nobody knows yet whether they are in are looked up. */
      const beginFor = (active: Active, message: GroupRequest): Effect.Effect<void> => {
        const { store } = services
        const { sender } = message
        if (isCreation(message)) return begin(active)
        const { conversation } = active.actor
        return Effect.gen(function*() {
          if (active.asked === undefined) return
          const known = (yield* store.membership(conversation, sender)) !== undefined ||
            (yield* store.wasMember(conversation, sender))
          yield* known ? begin(active) : refuseStranger(active, sender)
        }).pipe(Effect.catchTag("StoreError", () => giveUp(active, groupLost())))
      }

      /** Reads the group and lets it work, once, in whosever turn. */
      const begin = (active: Active): Effect.Effect<void> =>
        Effect.suspend(() => {
          if (active.asked === undefined) return Effect.void
          active.asked = undefined
          return active.actor.load.pipe(
            Effect.matchCauseEffect({
              onFailure: (cause) =>
                Effect.andThen(
                  Cause.hasDies(cause) ? Effect.logError("GroupActor.defect", cause) : Effect.void,
                  giveUp(active, groupLost())
                ),
              onSuccess: () => Effect.sync(() => void run(work(active)))
            })
          )
        })

      const create = (group: GroupId): Active => {
        const active = {
          actor: new GroupActor(group, services),
          mailbox: runSync(Queue.bounded<GroupMessage, Cause.Done>(mailboxCapacity)),
          asked: new Set<UserId>()
        }
        actors.set(group, active)
        return active
      }

      /** A group is read in the first turn of anybody who waits for it, so that nobody waits behind another's questions. */
      const want = (active: Active, message: GroupRequest): void => {
        const { asked } = active
        const { sender } = message
        if (asked === undefined || asked.has(sender)) return
        if (turns.ask(sender, beginFor(active, message))) asked.add(sender)
        else if (asked.size === 0) run(giveUp(active, tooManyQuestions()))
      }

      /** They have just been told so. Whoever is in is known by the group's actor. */
      const isUnknown = (group: GroupId, message: GroupRequest): boolean =>
        !isCreation(message) &&
        unknown.has(message.sender, group, monotonic()) &&
        actors.get(group)?.actor.audience?.members.has(message.sender) !== true

      const enqueue = (group: GroupId, message: GroupMessage): void => {
        const active = actors.get(group) ?? create(group)
        if (!Queue.offerUnsafe(active.mailbox, message)) return refuse(message, groupBusy())
        if (message._tag !== "Flush" && message._tag !== "Look") want(active, message)
      }

      const tell = (group: GroupId, message: GroupMessage): void => {
        const isRequest = message._tag !== "Flush" && message._tag !== "Look"
        if (isRequest && isUnknown(group, message)) return refuse(message, noGroup())
        const known = actors.get(group)
        if (known === undefined && !isRequest) return refuse(message, groupLost())
        // Before the mailbox: strangers are answered alike, whether the group is there and active or not. One that has
        // nobody in it may be about to be created.
        const isStranger = isRequest && !isCreation(message) && known?.actor.isEmpty === false &&
          known.actor.audience?.members.has(message.sender) === false
        if (isStranger) return known.actor.askForStranger(message)
        enqueue(group, message)
      }

      const sweep = Effect.sync(() => {
        const now = monotonic()
        unknown.forget(now)
        for (const active of actors.values()) {
          if (now - active.actor.lastUsed >= idleMillis && Queue.sizeUnsafe(active.mailbox) === 0) stop(active)
        }
      })
      yield* Effect.forkScoped(repeatForever("Groups", sweep, idleMillis / 2))

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
