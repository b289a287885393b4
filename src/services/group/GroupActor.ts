/**
 * One for each group that somebody uses: knows the members, checks every command against them in the order of the log,
 * and hands on what is good. A change of the members is waited for, so that what comes after it meets the group as it
 * then is; messages are not. What it knows is a copy: the store judges again, and says when the group is another.
 */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { type ChatError, notInGroup } from "../../domain/Errors.ts"
import { detailsAfter } from "../../domain/groupDetails.ts"
import { changeOf, type GroupTransition, isCreation, transition } from "../../domain/groupRules.ts"
import type { ConversationId, GroupId } from "../../domain/Ids.ts"
import type { Waiting } from "../kernel/Mailbox.ts"
import { inTurn } from "../kernel/Turns.ts"
import { appendOf } from "../persistence/Appends.ts"
import type { GroupAudience, LateEntry } from "../session/Audience.ts"
import type { GroupState, StoreError } from "../storage/MessageStore.ts"
import { groupLost, isInAlready, tooManyQuestions } from "./groupAnswers.ts"
import { type ChangeOutcome, commitChange, type GroupServices, mayAdd } from "./GroupChanges.ts"
import { GroupCopy } from "./GroupCopy.ts"
import { GroupInfo } from "./GroupInfo.ts"
import { type GroupMessage, type GroupRequest, type Of, refuse, refuseStranger, refusing } from "./GroupMessage.ts"

/** Whoever adds more at once does so in their turn, one time after the other: each is much to write. */
const fewUsers = 16

export class GroupActor {
  readonly group: GroupId
  readonly conversation: ConversationId
  readonly #services: GroupServices
  readonly #copy: GroupCopy
  /** When somebody last used the group, by the monotonic clock. */
  lastUsed: number
  /** The first of the batch that is not done with. */
  next = 0
  readonly #frames: GroupInfo

  constructor(group: GroupId, services: GroupServices) {
    this.group = group
    this.conversation = Conversation.group(group)
    this.#services = services
    this.#frames = new GroupInfo(group, services.people)
    this.lastUsed = services.monotonic()
    this.#copy = new GroupCopy(group, services)
  }

  /** The members as of now, once they are known. */
  get audience(): GroupAudience | undefined {
    return this.#copy.isLoaded ? this.#copy.audience : undefined
  }

  /** Nobody is in it, it does not exist, or it cannot be read. */
  get isEmpty(): boolean {
    return this.#copy.isLost || (this.#audience.members.size === 0 && !this.#copy.hasLate)
  }

  /** Reads the group. What comes before it in the mailbox waits. */
  get load(): Effect.Effect<GroupState | undefined, StoreError> {
    return this.#copy.load
  }

  /** Before anything else is done, the group is read again. */
  doubt(): void {
    this.#copy.doubt()
  }

  /** An entry for members whom the store knows better. It goes out before anything that is handled later. */
  takeLate(entry: LateEntry): void {
    this.#copy.takeLate(entry)
  }

  /** Handles what has gathered in the mailbox, in order. */
  handle(batch: ReadonlyArray<GroupMessage>, from: number): Waiting | undefined {
    this.lastUsed = this.#services.monotonic()
    for (this.next = from; this.next < batch.length; this.next++) {
      const message = batch[this.next]!
      if (this.#copy.isLost) {
        refuse(message, groupLost())
        continue
      }
      if (this.#copy.isOld) return { effect: this.#copy.look, next: this.next }
      const effect = this.#handleOne(message)
      if (effect !== undefined) return { effect, next: ++this.next }
    }
    return undefined
  }

  get #audience(): GroupAudience {
    return this.#copy.audience
  }

  #handleOne(message: GroupMessage): Effect.Effect<void> | undefined {
    switch (message._tag) {
      case "Chat":
        return message.wasMember === true || this.#audience.admits(message.sender)
          ? this.#append(message)
          : this.askForStranger(message)
      case "Change":
        return this.#change(message)
      case "Info":
        return this.#audience.admits(message.sender) ? this.#inform(message) : this.askForStranger(message)
      case "Members":
        if (!this.#audience.members.has(message.sender)) return this.askForStranger(message)
        return void message.use(this.#audience)
      case "Flush":
        return void message.done()
      case "Look":
        return
    }
  }

  #append({ command, readAt, requester, sender }: Of<"Chat">): Effect.Effect<void> | undefined {
    const { ids, persistence, stamp } = this.#services
    const at = stamp()
    return persistence.append({
      append: appendOf(command, this.conversation, sender, ids.messageId(at), at),
      readAt,
      requester,
      audience: this.#audience
    })
  }

  /** Nobody in the group waits for what its line does not have to do, and whoever asks much waits for themselves. */
  #ask(message: GroupRequest, question: Effect.Effect<void, ChatError | StoreError>): undefined {
    const asked = refusing(message, question)
    if (!this.#services.turns.ask(message.sender, asked)) refuse(message, tooManyQuestions())
  }

  /** Handles it once more when the group has been read again. */
  #again(message: GroupRequest): void {
    this.doubt()
    this.#services.again(this.group, message)
  }

  /** Somebody who was in may know that they are not any more; to everybody else the group is not there. */
  askForStranger(message: GroupRequest): undefined {
    const { store, unknownTo } = this.#services
    const { sender } = message
    return this.#ask(
      message,
      Effect.gen({ self: this }, function*() {
        if ((yield* store.membership(this.conversation, sender)) !== undefined) return this.#again(message)
        if (!(yield* store.wasMember(this.conversation, sender))) {
          unknownTo(sender, this.group)
          return refuseStranger(message)
        }
        if (message._tag !== "Chat" || message.command.id === undefined) return yield* notInGroup()
        // The store knows whether it is a retry (P3). In its place of the line, because it may be in again by then.
        this.#services.again(this.group, { ...message, wasMember: true })
      })
    )
  }

  #inform(message: Of<"Info"> | Of<"Change">): undefined {
    return this.#ask(
      message,
      Effect.gen({ self: this }, function*() {
        const head = yield* this.#services.store.groupHead(this.group)
        if (head === undefined || head.version !== this.#audience.version) return this.#again(message)
        yield* this.#answer(message, head.headSeq)
      })
    )
  }

  /** The group as it is at this moment, with how its members are shown, which is looked up. */
  #answer(message: Of<"Info"> | Of<"Change">, headSeq: number): Effect.Effect<void> {
    return this.#frames.answer(message, this.#audience, this.#copy.details, headSeq)
  }

  #change(message: Of<"Change">): Effect.Effect<void> | undefined {
    const { command, sender } = message
    const { members } = this.#audience
    const joins = command.type === "join_group"
    // Whoever is in already uses no invitation.
    if (joins && members.has(sender)) return this.#inform(message)
    if (!joins && !isCreation(command) && !this.#audience.admits(sender)) return this.askForStranger(message)
    const consequence = transition(command, sender, members, this.#services.maxMembers, this.#copy.details.banned)
    if ("code" in consequence) return this.#refuseChange(message, consequence)
    // Where it breaks in the middle it may be made all the same.
    const make = refusing(
      message,
      Effect.tapDefect(this.#make(message, consequence), () => Effect.sync(() => this.doubt())).pipe(
        // Their other device has come in by another server meanwhile: they are in, and that is the answer.
        Effect.catchIf((error) => joins && isInAlready(error), () => Effect.sync(() => this.#again(message)))
      )
    )
    return consequence.added.length <= fewUsers ? make : inTurn(this.#services.turns, sender, make).pipe(
      Effect.map((taken) => taken ? undefined : refuse(message, tooManyQuestions()))
    )
  }

  #commit({ command, requester: { trace }, sender }: Of<"Change">, outcome: ChangeOutcome) {
    return commitChange({ ...outcome, group: this.group, sender, command, trace }, this.#services)
  }

  /** It changes nothing, so the line does not wait for it: unless the group is another by now. */
  #refuseChange(message: Of<"Change">, refusal: ChatError): undefined {
    const { command } = message
    return this.#ask(
      message,
      Effect.gen({ self: this }, function*() {
        const head = yield* this.#services.store.groupHead(this.group)
        if ((head?.version ?? 0) !== this.#audience.version) return this.#again(message)
        // Nobody can retry what has no id.
        if (command.id === undefined) return yield* refusal
        yield* this.#commit(message, { audience: this.#audience, refusal })
        this.#inform(message)
      })
    )
  }

  /** Ends after the commit, when the group is known as it is with the change. */
  readonly #make = Effect.fnUntraced(
    { self: this },
    function*(message: Of<"Change">, consequence: GroupTransition) {
      const { command, sender } = message
      const { added, removed, members } = consequence
      const { giveBack, refusal } = yield* mayAdd(sender, command, added, this.#services)
      if (refusal !== undefined && command.id === undefined) return yield* refusal
      const audience = this.#copy.nextAudience(members)
      const { duplicate, seq } = yield* this.#commit(
        message,
        refusal === undefined ? { audience, removed } : { audience: this.#audience, refusal }
      ).pipe(
        // It may be made all the same, or the store knows another group than this one.
        Effect.tapError(() =>
          Effect.sync(() => {
            giveBack()
            this.doubt()
          })
        )
      )
      if (duplicate === true) {
        giveBack()
        // What it did was done at the first try, and the group may have changed since.
        return this.#inform(message)
      }
      if (this.#copy.hasLate) {
        // Somebody else has changed the group just before.
        yield* this.#copy.look
        return this.#copy.isLost ? yield* groupLost() : yield* this.#answer(message, Math.max(seq, this.#copy.headSeq))
      }
      this.#copy.become(audience, detailsAfter(this.#copy.details, changeOf(command, sender)))
      if (added.length > 0 || removed.length > 0) this.#services.changed([...added, ...removed, sender])
      yield* this.#answer(message, seq)
    }
  )
}
