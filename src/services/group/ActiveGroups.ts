/** The groups that somebody uses: whose actor is there, who waits for it to be read, and who is told that there is none. */
import { Cause, Effect, Queue } from "effect"
import { type ChatError, noConversation } from "../../domain/Errors.ts"
import { isCreation as creates } from "../../domain/groupRules.ts"
import { type GroupId, system, type UserId } from "../../domain/Ids.ts"
import { limited } from "../kernel/LogLimit.ts"
import { drain } from "../kernel/Mailbox.ts"
import type { GroupAudience } from "../session/Audience.ts"
import { GroupActor } from "./GroupActor.ts"
import { groupBusy, groupLost, tooManyQuestions } from "./groupAnswers.ts"
import type { GroupServices } from "./GroupChanges.ts"
import { type GroupMessage, type GroupRequest, isRequest, Look, refuse, refuseStranger } from "./GroupMessage.ts"
import { Unknown } from "./Unknown.ts"

/** Overflow policy: more is refused with `overloaded`, so that nobody else waits for one busy group. */
const mailboxCapacity = 4_096
/** A group that nobody has used for this long is let go; it is a few rows in the store then. */
export const idleMillis = 60_000

interface Active {
  readonly actor: GroupActor
  readonly mailbox: Queue.Queue<GroupMessage, Cause.Done>
  /** Whose turn it waits for to be read; `undefined` once it is. */
  asked: Set<UserId> | undefined
}

export interface ActiveGroupsOptions extends Omit<GroupServices, "again" | "late" | "unknownTo"> {
  /** Ends with the server. */
  readonly run: (effect: Effect.Effect<void>) => void
  readonly runSync: <A>(effect: Effect.Effect<A>) => A
  /** There is something to sweep by and by. */
  readonly used: () => void
}

const defective = (why: unknown) => limited("GroupActor.defect", Effect.logError("GroupActor.defect", why))

/** Of somebody who need not be in it: they begin the group, or come in. */
const comesIn = (message: GroupMessage): boolean =>
  message._tag === "Change" && (creates(message.command) || message.command.type === "join_group")

/** The operator knows of all groups. */
const isSystem = ({ sender }: GroupRequest): boolean => sender === system

export class ActiveGroups {
  readonly #options: ActiveGroupsOptions
  readonly #services: GroupServices
  readonly #actors = new Map<GroupId, Active>()
  readonly #unknown = new Unknown()

  constructor(options: ActiveGroupsOptions) {
    this.#options = options
    this.#services = {
      ...options,
      again: (group, message) => this.#enqueue(group, message),
      late: (group, entry) => {
        const active = this.#actors.get(group) ?? this.#create(group)
        active.actor.takeLate(entry)
        // A mailbox that is full comes to it all the same.
        Queue.offerUnsafe(active.mailbox, Look)
        if (active.asked?.size === 0) options.run(this.#begin(active))
      },
      unknownTo: (user, group) => this.#noteUnknown(user, group)
    }
  }

  get size(): number {
    return this.#actors.size
  }

  /** Messages in the mailboxes of all of them. */
  get waiting(): number {
    let sum = 0
    for (const { mailbox } of this.#actors.values()) sum += Queue.sizeUnsafe(mailbox)
    return sum
  }

  get isIdle(): boolean {
    return this.#actors.size === 0 && this.#unknown.size === 0
  }

  tell(group: GroupId, message: GroupMessage): void {
    const known = this.#actors.get(group)
    if (!isRequest(message)) return known === undefined ? refuse(message, groupLost()) : this.#enqueue(group, message)
    if (this.#isUnknown(group, message)) return refuse(message, noConversation())
    // Before the mailbox: strangers are answered alike, whether the group is there and active or not. One that has
    // nobody in it may be about to be created.
    const isStranger = !comesIn(message) && !isSystem(message) && known?.actor.isEmpty === false &&
      known.actor.audience?.members.has(message.sender) === false
    if (isStranger) return known.actor.askForStranger(message)
    this.#enqueue(group, message)
  }

  peek(group: GroupId): GroupAudience | undefined {
    return this.#actors.get(group)?.actor.audience
  }

  doubtOne(group: GroupId): void {
    this.#actors.get(group)?.actor.doubt()
  }

  doubt(): void {
    for (const { actor } of this.#actors.values()) actor.doubt()
  }

  flush(done: () => void): void {
    let left = this.#actors.size
    if (left === 0) return done()
    for (const group of this.#actors.keys()) {
      this.tell(group, { _tag: "Flush", done: () => --left === 0 ? done() : undefined })
    }
  }

  /** Lets go of what nobody has used for a while. */
  sweep(): void {
    const now = this.#services.monotonic()
    this.#unknown.forget(now)
    for (const active of this.#actors.values()) {
      if (now - active.actor.lastUsed >= idleMillis && Queue.sizeUnsafe(active.mailbox) === 0) this.#stop(active)
    }
  }

  #enqueue(group: GroupId, message: GroupMessage): void {
    const active = this.#actors.get(group) ?? this.#create(group)
    if (!Queue.offerUnsafe(active.mailbox, message)) return refuse(message, groupBusy())
    if (isRequest(message)) this.#want(active, message)
  }

  #create(group: GroupId): Active {
    const active = {
      actor: new GroupActor(group, this.#services),
      mailbox: this.#options.runSync(Queue.bounded<GroupMessage, Cause.Done>(mailboxCapacity)),
      asked: new Set<UserId>()
    }
    this.#actors.set(group, active)
    this.#options.used()
    return active
  }

  /** A group is read in the first turn of anybody who waits for it, so that nobody waits behind another's questions. */
  #want(active: Active, message: GroupRequest): void {
    const { asked } = active
    const { sender } = message
    if (asked === undefined || asked.has(sender)) return
    if (this.#services.turns.ask(sender, this.#beginFor(active, message))) asked.add(sender)
    else if (asked.size === 0) this.#options.run(this.#giveUp(active, tooManyQuestions()))
  }

  /** For whoever asks first; those of whom nobody knows yet whether they are in are looked up. */
  #beginFor(active: Active, message: GroupRequest): Effect.Effect<void> {
    if (comesIn(message) || isSystem(message)) return this.#begin(active)
    const { store } = this.#services
    const { conversation } = active.actor
    const { sender } = message
    return Effect.gen({ self: this }, function*() {
      if (active.asked === undefined) return
      const known = (yield* store.membership(conversation, sender)) !== undefined ||
        (yield* store.wasMember(conversation, sender))
      yield* known ? this.#begin(active) : this.#refuseStranger(active, sender)
    }).pipe(Effect.catchTag("StoreError", () => this.#giveUp(active, groupLost())))
  }

  /** Reads the group and lets it work, once, in whosever turn. */
  #begin(active: Active): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (active.asked === undefined) return Effect.void
      active.asked = undefined
      return active.actor.load.pipe(
        Effect.matchCauseEffect({
          onFailure: (cause) =>
            Effect.andThen(
              Cause.hasDies(cause) ? defective(cause) : Effect.void,
              this.#giveUp(active, groupLost())
            ),
          onSuccess: () => Effect.sync(() => this.#options.run(this.#work(active)))
        })
      )
    })
  }

  #work(active: Active): Effect.Effect<void> {
    let taken: ReadonlyArray<GroupMessage> = []
    return drain(active.mailbox, (batch, from) => {
      taken = batch
      const waiting = active.actor.handle(batch, from)
      // Whoever asks for groups that do not exist must not fill the memory with them.
      if (waiting === undefined && active.actor.isEmpty) this.#stop(active)
      return waiting
    }).pipe(
      Effect.catchDefect((defect) => {
        // They have left the mailbox, and nobody else knows of them.
        for (const message of taken.slice(active.actor.next)) refuse(message, groupLost())
        return Effect.andThen(defective(defect), this.#giveUp(active, groupLost()))
      })
    )
  }

  /** Whoever never was in it is refused before the group is read: it may be large, and may not be there. */
  #refuseStranger(active: Active, user: UserId): Effect.Effect<void> {
    const { actor, asked, mailbox } = active
    if (asked === undefined) return Effect.void
    this.#noteUnknown(user, actor.group)
    asked.delete(user)
    let creates = false
    for (const message of this.#options.runSync(Queue.clear(mailbox))) {
      if (comesIn(message)) creates = true
      else if (isRequest(message) && message.sender === user) {
        refuseStranger(message)
        continue
      }
      Queue.offerUnsafe(mailbox, message)
    }
    if (creates || !actor.isEmpty) return this.#begin(active)
    return asked.size === 0 ? this.#giveUp(active, tooManyQuestions()) : Effect.void
  }

  /** Nobody is kept waiting for a group that cannot work; the next message tries again with a new actor. */
  #giveUp(active: Active, error: ChatError): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#stop(active)
      return drain(active.mailbox, (batch) => {
        for (const message of batch) refuse(message, error)
        return undefined
      })
    })
  }

  #stop(active: Active): void {
    const { group } = active.actor
    if (this.#actors.get(group) === active) this.#actors.delete(group)
    Queue.endUnsafe(active.mailbox)
  }

  #noteUnknown(user: UserId, group: GroupId): void {
    this.#unknown.add(user, group, this.#services.monotonic())
    this.#options.used()
  }

  /** They have just been told so. Whoever is in is known by the group's actor. */
  #isUnknown(group: GroupId, message: GroupRequest): boolean {
    return !comesIn(message) &&
      this.#unknown.has(message.sender, group, this.#services.monotonic()) &&
      this.peek(group)?.members.has(message.sender) !== true
  }
}
