/**
 * One for each group that somebody uses: knows the members, checks every command against them in the order of the log,
 * and hands on what is good. A change of the members is waited for, so that what comes after it meets the group as it
 * then is; messages are not.
 */
import { Deferred, Effect } from "effect"
import * as Conversation from "../domain/Conversation.ts"
import type { GroupHistory } from "../domain/Entry.ts"
import * as Errors from "../domain/Errors.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { ConversationId, GroupId, UserId } from "../domain/Ids.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import { type AuthorizationPolicy, decide } from "./access/Authorization.ts"
import * as ActorScheduler from "./ActorScheduler.ts"
import { appendOf } from "./Appends.ts"
import { GroupAudience } from "./Audience.ts"
import type { GroupMessage, GroupOrigin } from "./GroupMessage.ts"
import { changeOf, type Consequence, consequenceOf } from "./groupRules.ts"
import type { IdGenerator } from "./IdGenerator.ts"
import type { Waiting } from "./Mailbox.ts"
import { Outbound } from "./Outbound.ts"
import type { PersistenceActor } from "./PersistenceActor.ts"
import type { GroupState, MessageStore, StoreError } from "./storage/MessageStore.ts"

export interface GroupServices {
  readonly store: MessageStore["Service"]
  readonly persistence: PersistenceActor["Service"]
  readonly ids: IdGenerator["Service"]
  readonly policy: AuthorizationPolicy
  readonly now: () => number
  /** The time of an entry. */
  readonly stamp: () => number
  /** For how long nobody uses a group. */
  readonly monotonic: () => number
  readonly maxMembers: number
  /** These users may see more or less of each other now. */
  readonly changed: (users: ReadonlyArray<UserId>) => void
}

const unavailable = () => Errors.unavailable("The store does not answer at the moment; ask again.", 1_000)

/** One answer for a group that is not there and one that is not yours. */
const noGroup = () => Errors.notFound("There is no such conversation of yours; check its name.")

type Change = Extract<GroupMessage, { readonly _tag: "Change" }>

export class GroupActor {
  readonly group: GroupId
  readonly conversation: ConversationId
  readonly #services: GroupServices
  #loaded = false
  #doubted = false
  /** When somebody last used the group, by the monotonic clock. */
  lastUsed: number
  #audience = new GroupAudience(new Map())
  #name = ""
  #history: GroupHistory = "joined"

  constructor(group: GroupId, services: GroupServices) {
    this.group = group
    this.conversation = Conversation.group(group)
    this.#services = services
    this.lastUsed = services.monotonic()
  }

  /** The members as of now, once they are known. */
  get audience(): GroupAudience | undefined {
    return this.#loaded ? this.#audience : undefined
  }

  /** Nobody is in it, or it does not exist: not worth keeping. */
  get isVacant(): boolean {
    return this.#audience.members.size === 0
  }

  /** Reads the group. What comes before it in the mailbox waits. */
  readonly load: Effect.Effect<void, StoreError> = Effect.suspend(() => this.#services.store.group(this.group)).pipe(
    Effect.map((state) => {
      this.#loaded = true
      if (state !== undefined) this.#become(state)
    })
  )

  doubt(): void {
    this.#doubted = true
  }

  /** Handles what has gathered in the mailbox, in order. */
  handle(batch: ReadonlyArray<GroupMessage>, from: number): Waiting | undefined {
    if (this.#doubted) {
      this.#doubted = false
      return { effect: Effect.catchTag(this.load, "StoreError", () => Effect.sync(() => this.doubt())), next: from }
    }
    this.lastUsed = this.#services.monotonic()
    for (let i = from; i < batch.length; i++) {
      const effect = this.#handleOne(batch[i]!)
      if (effect !== undefined) return { effect, next: i + 1 }
    }
    return undefined
  }

  #become({ history, members, name }: GroupState): void {
    this.#audience = new GroupAudience(new Map(members.map(({ role, user }) => [user, role])))
    this.#name = name
    this.#history = history
  }

  #handleOne(message: GroupMessage): Effect.Effect<void> | undefined {
    switch (message._tag) {
      case "Chat": {
        const { command, origin, sender } = message
        // Who is out is refused by the store, which knows whether it is a retry of what they said while they were in (P3).
        if (!this.#audience.members.has(sender) && command.id === undefined) {
          return this.#refuse(sender, origin, undefined)
        }
        const { ids, persistence, stamp } = this.#services
        const at = stamp()
        return persistence.append({
          append: appendOf(command, this.conversation, sender, ids.messageId(at), at),
          origin,
          audience: this.#audience
        })
      }
      case "Change":
        return this.#answer(message.origin, message.command.id, this.#change(message))
      case "Info":
        if (!this.#audience.members.has(message.sender)) {
          return this.#refuse(message.sender, message.origin, message.command.id)
        }
        return this.#answer(message.origin, message.command.id, this.#head)
      case "Members":
        if (this.#audience.members.has(message.from)) message.use(this.#audience)
        else message.refused(noGroup())
        return
      case "Flush":
        return void message.done()
    }
  }

  /** Pushes the group as it is once `head` is known, or the error. */
  #answer(
    origin: GroupOrigin,
    id: string | undefined,
    head: Effect.Effect<number, ChatError | StoreError>
  ): Effect.Effect<void> {
    return head.pipe(
      Effect.map((headSeq) => origin.answer(this.#info(id, headSeq))),
      Effect.catchTags({
        ChatError: (error) => Effect.sync(() => origin.rejected(id, error)),
        StoreError: () => Effect.sync(() => origin.rejected(id, unavailable()))
      }),
      Effect.map(() => {
        origin.settled()
        origin.flush()
      })
    )
  }

  readonly #head = Effect.suspend(() => this.#services.store.group(this.group)).pipe(
    Effect.map((state) => state?.headSeq ?? 0)
  )

  #info(id: string | undefined, headSeq: number): Outbound {
    return new Outbound({
      type: "group_info",
      ...(id === undefined ? undefined : { id: id as never }),
      group: this.group,
      conversation: this.conversation,
      name: this.#name,
      members: Array.from(this.#audience.members, ([user, role]) => ({ user, role })),
      head_seq: headSeq,
      history: this.#history
    })
  }

  /** Somebody who was in may know that they are not any more; to everybody else the group is not there. */
  #refuse(
    user: UserId,
    origin: Pick<GroupOrigin, "rejected" | "settled" | "flush">,
    id: string | undefined
  ): Effect.Effect<void> {
    return this.#services.store.wasMember(this.conversation, user).pipe(
      Effect.map((was) => was ? Errors.notAMember("You are not in this group any more.") : noGroup()),
      Effect.catchTag("StoreError", () => Effect.succeed(unavailable())),
      Effect.flatMap((error) => {
        origin.settled()
        origin.rejected(id, error)
        origin.flush()
        // Who is not let in has cost a look into the store; the next look is for another turn.
        return ActorScheduler.nextTurn
      })
    )
  }

  /** Ends after the commit, with the place of the change in the log. */
  readonly #change = Effect.fnUntraced({ self: this }, function*({ command, sender }: Change) {
    const { changed, store } = this.#services
    const creates = command.type === "create_group"
    if (!creates && !this.#audience.members.has(sender)) {
      return yield* (yield* store.wasMember(this.conversation, sender))
        ? Errors.notAMember("You are not in this group any more.")
        : noGroup()
    }
    const consequence = yield* this.#judge(command, sender)
    // Nobody can retry what has no id.
    if ("code" in consequence && command.id === undefined) return yield* consequence
    const { duplicate, seq } = yield* this.#commit(sender, command, consequence)
    if (duplicate === true || "code" in consequence) {
      // A retry: what it did was done then, and the group may have changed since.
      const state = yield* store.group(this.group)
      if (state !== undefined) this.#become(state)
      return state?.headSeq ?? seq
    }
    this.#audience = new GroupAudience(consequence.members)
    if (command.type === "create_group" || command.type === "rename_group") this.#name = command.name
    if (command.type === "create_group") this.#history = command.history ?? "joined"
    if (consequence.added.length > 0 || consequence.gone.length > 0) {
      changed([sender, ...consequence.added, ...consequence.gone])
    }
    return seq
  })

  /** What the command comes to, or why it is refused. */
  readonly #judge = Effect.fnUntraced({ self: this }, function*(command: Change["command"], sender: UserId) {
    const consequence = consequenceOf(command, sender, this.#audience.members, this.#services.maxMembers)
    if ("code" in consequence) return consequence
    return (yield* this.#mayNotAdd(sender, consequence.added)) ?? consequence
  })

  /** Whether somebody blocks the other and whether the app forbids it look the same. */
  readonly #mayNotAdd = Effect.fnUntraced({ self: this }, function*(sender: UserId, users: ReadonlyArray<UserId>) {
    if (users.length === 0) return undefined
    const { policy, store } = this.#services
    const allowed = yield* Effect.forEach(users, (user) => decide(policy.addToGroup(sender, user)))
    if (!allowed.includes(false) && (yield* store.estranged(sender, users)).length === 0) return undefined
    return Errors.forbidden("You may not add one of these users; leave them out or ask them.")
  })

  readonly #commit = Effect.fnUntraced(
    { self: this },
    function*(sender: UserId, command: Change["command"], consequence: Consequence | ChatError) {
      const refused = "code" in consequence
      const { ids, persistence, stamp } = this.#services
      const at = stamp()
      const messageId = ids.messageId(at)
      const answer = yield* Deferred.make<MessageAccepted, ChatError>()
      yield* persistence.append({
        append: {
          kind: "group",
          conversation: this.conversation,
          group: this.group,
          sender,
          // Always one, because only what has an id is answered.
          clientId: (command.id ?? messageId) as never,
          messageId,
          at,
          change: changeOf(command, sender),
          ...(refused ? { refusal: consequence } : undefined)
        },
        origin: {
          accepted: (accepted) => Deferred.doneUnsafe(answer, Effect.succeed(accepted)),
          rejected: (_, error) => Deferred.doneUnsafe(answer, Effect.fail(error)),
          settled: () => {},
          flush: () => {}
        },
        audience: refused ? this.#audience : new GroupAudience(consequence.members),
        farewell: refused ? [] : consequence.gone
      }) ?? Effect.void
      return yield* Deferred.await(answer)
    }
  )
}
