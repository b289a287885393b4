/**
 * One for each group that somebody uses: knows the members, checks every command against them in the order of the log,
 * and hands on what is good. A change of the members is waited for, so that what comes after it meets the group as it
 * then is; messages are not. What it knows is a copy: the store judges again, and says when the group is another.
 */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import type { GroupHistory } from "../../domain/Entry.ts"
import { type ChatError, noConversation, notInGroup } from "../../domain/Errors.ts"
import { type GroupTransition, isCreation, type Members, transition } from "../../domain/groupRules.ts"
import type { ConversationId, GroupId } from "../../domain/Ids.ts"
import { ask, type Waiting } from "../kernel/Mailbox.ts"
import { inTurn } from "../kernel/Turns.ts"
import { appendOf } from "../persistence/Appends.ts"
import { GroupAudience, type LateEntry, membersAt } from "../session/Audience.ts"
import type { GroupState, StoreError } from "../storage/MessageStore.ts"
import { GroupInfoFrames, groupLost, tooManyQuestions } from "./groupAnswers.ts"
import { type ChangeOutcome, commitChange, type GroupServices, mayAdd } from "./GroupChanges.ts"
import { type GroupMessage, type GroupRequest, refuse, refusing } from "./GroupMessage.ts"

/** Whoever adds more at once does so in their turn, one time after the other: each is much to write. */
const fewUsers = 16

type Of<Tag extends GroupMessage["_tag"]> = Extract<GroupMessage, { readonly _tag: Tag }>

export class GroupActor {
  readonly group: GroupId
  readonly conversation: ConversationId
  readonly #services: GroupServices
  #loaded = false
  /** The group may be another than is known here. */
  #doubtful = false
  /** The store could not say what the group is like by now. */
  #lost = false
  /** When somebody last used the group, by the monotonic clock. */
  lastUsed: number
  /** The first of the batch that is not done with. */
  next = 0
  #audience: GroupAudience
  #name = ""
  #history: GroupHistory = "joined"
  readonly #frames = new GroupInfoFrames()
  #late: Array<LateEntry> = []
  /** When it was last read. */
  #headSeq = 0

  constructor(group: GroupId, services: GroupServices) {
    this.group = group
    this.conversation = Conversation.group(group)
    this.#services = services
    this.lastUsed = services.monotonic()
    this.#audience = this.#audienceOf(new Map(), 0)
  }

  /** The members as of now, once they are known. */
  get audience(): GroupAudience | undefined {
    return this.#loaded ? this.#audience : undefined
  }

  /** Not worth keeping: nobody is in it, it does not exist, or it cannot be read. */
  get isEmpty(): boolean {
    return this.#lost || (this.#audience.members.size === 0 && this.#late.length === 0)
  }

  /** Reads the group. What comes before it in the mailbox waits. */
  readonly load: Effect.Effect<GroupState | undefined, StoreError> = Effect.suspend(() =>
    this.#services.store.group(this.group)
  ).pipe(
    Effect.tap((state) =>
      Effect.sync(() => {
        this.#headSeq = state?.headSeq ?? 0
        if (state !== undefined) this.#become(state)
        this.#loaded = true
      })
    )
  )

  /** Before anything else is done, the group is read again. */
  doubt(): void {
    this.#doubtful = true
  }

  /** An entry for members whom the store knows better. It goes out before anything that is handled later. */
  takeLate(entry: LateEntry): void {
    this.#late.push(entry)
  }

  /** Handles what has gathered in the mailbox, in order. */
  handle(batch: ReadonlyArray<GroupMessage>, from: number): Waiting | undefined {
    this.lastUsed = this.#services.monotonic()
    for (this.next = from; this.next < batch.length; this.next++) {
      const message = batch[this.next]!
      if (this.#lost) {
        refuse(message, groupLost())
        continue
      }
      if (this.#doubtful || this.#late.length > 0) return { effect: this.#look, next: this.next }
      const effect = this.#handleOne(message)
      if (effect !== undefined) return { effect, next: ++this.next }
    }
    return undefined
  }

  #audienceOf(members: Members, version: number): GroupAudience {
    return new GroupAudience(members, version, (entry) => this.#services.late(this.group, entry))
  }

  #become({ history, members, name, version }: GroupState): void {
    if (this.#loaded && version === this.#audience.version) return
    const before = this.#audience.members
    this.#audience = this.#audienceOf(new Map(members.map(({ role, user }) => [user, role])), version)
    this.#name = name
    this.#history = history
    if (!this.#loaded) return
    const now = this.#audience.members
    const come = Array.from(now.keys()).filter((user) => !before.has(user))
    const removed = Array.from(before.keys()).filter((user) => !now.has(user))
    if (come.length + removed.length > 0) this.#services.changed([...come, ...removed])
  }

  /**
   * Reads the group again and hands on what came for others than its members. First everything on its way has to have
   * come out: it was sent for the members as they were believed to be, and must not be overtaken.
   */
  readonly #look: Effect.Effect<void> = Effect.gen({ self: this }, function*() {
    this.#doubtful = false
    const { persistence } = this.#services
    yield* ask((answer) => persistence.flush(() => answer(Effect.void)))
    const state = yield* this.load
    const late = this.#late
    this.#late = []
    for (const { deliver, seq } of late) {
      deliver(this.#audienceOf(membersAt(state?.members ?? [], seq), this.#audience.version))
    }
  }).pipe(
    Effect.catchTag("StoreError", () =>
      Effect.sync(() => {
        this.#lost = true
      }))
  )

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
    this.#doubtful = true
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
          return refuse(message, noConversation())
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
        this.#answer(message, head.headSeq)
      })
    )
  }

  #answer({ command, requester }: Of<"Info"> | Of<"Change">, headSeq: number): void {
    const { conversation, group } = this
    const info = { group, conversation, name: this.#name, history: this.#history, members: this.#audience.members }
    const frame = this.#frames.of(this.#audience, info, command.id, headSeq)
    requester.settled()
    requester.answer(frame)
    requester.flush()
  }

  #change(message: Of<"Change">): Effect.Effect<void> | undefined {
    const { command, sender } = message
    if (!isCreation(command) && !this.#audience.admits(sender)) return this.askForStranger(message)
    const consequence = transition(command, sender, this.#audience.members, this.#services.maxMembers)
    if ("code" in consequence) return this.#refuseChange(message, consequence)
    // Where it breaks in the middle it may be made all the same.
    const make = refusing(
      message,
      Effect.tapDefect(this.#make(message, consequence), () => Effect.sync(() => this.doubt()))
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
      const audience = this.#audienceOf(members, this.#audience.version + 1)
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
      if (this.#late.length > 0) {
        // Somebody else has changed the group just before.
        yield* this.#look
        return this.#lost ? yield* groupLost() : this.#answer(message, Math.max(seq, this.#headSeq))
      }
      this.#audience = audience
      if (isCreation(command) || command.type === "rename_group") this.#name = command.name
      if (isCreation(command)) this.#history = command.history ?? "joined"
      if (added.length > 0 || removed.length > 0) this.#services.changed([...added, ...removed, sender])
      this.#answer(message, seq)
    }
  )
}
