/** What a `UserActor` does with its messages, and the state that only its fiber touches. */
import { Effect } from "effect"
import type { RefreshAuth } from "../../domain/ClientFrame.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { type ChatCommand, isChatCommand, isGroupCommand } from "../../domain/entries/index.ts"
import * as Errors from "../../domain/Errors.ts"
import { isRequest } from "../../domain/frames/index.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import { isReached } from "../../domain/Limit.ts"
import type { Authenticator } from "../access/Authenticator.ts"
import { type AuthorizationPolicy, decide } from "../access/Authorization.ts"
import type { BanList } from "../access/BanList.ts"
import type { ShownPeople } from "../files/ShownPeople.ts"
import { newGroupId } from "../group/groupIds.ts"
import type { GroupMessage } from "../group/GroupMessage.ts"
import type { Joins } from "../group/Joins.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import type { Handled, Waiting } from "../kernel/Mailbox.ts"
import type { DataCheck } from "../MessageDataSchema.ts"
import type { DirectoryMode } from "../PeopleDirectory.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Searches } from "../search/Searches.ts"
import type { Router } from "../server/Router.ts"
import type { ServerMessage } from "../server/ServerMessage.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { pageBytesOf } from "../session/pageBounds.ts"
import type { Requester } from "../session/Requester.ts"
import type { Requests } from "../session/Requests.ts"
import { groupOf, recipientOf } from "../session/targets.ts"
import { TracedAsker } from "../session/TracedRequester.ts"
import type { UserMessage } from "../session/UserMessage.ts"
import type { Settings } from "../Settings.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"
import { catchingUp, type InBackground } from "./catchingUp.ts"
import type { Backlog } from "./CatchUp.ts"
import { joining } from "./joining.ts"
import { answer, type Question } from "./Queries.ts"
import { refreshAuth } from "./RefreshAuth.ts"
import { relations } from "./Relations.ts"
import { searching } from "./searching.ts"
import type { UserRef } from "./UserRef.ts"
import { welcome } from "./welcome.ts"

export interface UserServices {
  readonly router: Router["Service"]
  readonly settings: Settings["Service"]
  readonly store: MessageStore["Service"]
  /** The same store, for what clients have missed. */
  readonly backlog: Backlog
  readonly authenticator: Authenticator["Service"]
  readonly bans: BanList["Service"]
  readonly policy: AuthorizationPolicy
  readonly presence: Presence["Service"]
  readonly searches: Searches["Service"]
  readonly requests: Requests["Service"]
  readonly joins: Joins["Service"]
  readonly people: ShownPeople["Service"]
  readonly directory: DirectoryMode
  /** Whether there is Web Push. */
  readonly push: boolean
  readonly traces: MessageTracing | undefined
  readonly dataCheck: DataCheck
}

const isInbound = ({ _tag }: UserMessage): boolean => _tag === "Frame" || _tag === "Invalid"

export class UserActor {
  readonly #ref: UserRef
  readonly #services: UserServices
  readonly #runner: InBackground
  readonly #pageBytes: number
  #invalidInARow = 0
  #closed = false
  /** Of the batch at hand, what was told to others and is done with when they say so. */
  #handedOn = 0
  #peer: UserId | undefined
  #conversation: ConversationId | undefined

  constructor(ref: UserRef, services: UserServices, runner: InBackground) {
    this.#ref = ref
    this.#services = services
    this.#runner = runner
    this.#pageBytes = pageBytesOf(services.settings.maxOutboundBytes)
  }

  /** `now` is by the wall clock. */
  welcome(now: number, address: string): void {
    const { directory, push, settings, store } = this.#services
    this.#ref.push(welcome(this.#ref, { address, directory, durability: store.durability, now, push, settings }))
    this.#ref.flush()
  }

  /** Handles what has gathered in the mailbox, in order, and writes the answers together. */
  handle(batch: ReadonlyArray<UserMessage>, from: number): Waiting | undefined {
    for (let i = from; i < batch.length && !this.#closed && !this.#ref.isClosing; i++) {
      const effect = this.#handleOne(batch[i]!)
      if (effect) return { effect, next: i + 1 }
    }
    this.#ref.flush()
    let inbound = -this.#handedOn
    this.#handedOn = 0
    for (const message of batch) if (isInbound(message)) inbound++
    if (inbound > 0) this.#ref.handled(inbound)
    return undefined
  }

  /** Nothing to wait for in most cases, so most messages cost no effect at all. */
  #handleOne(message: UserMessage): Handled {
    switch (message._tag) {
      case "Frame":
        this.#invalidInARow = 0
        return this.#request(message)
      case "Invalid":
        this.#ref.rejected(message.id, message.error)
        if (isReached(this.#services.settings.maxInvalidFrames, ++this.#invalidInARow)) {
          this.#ref.onViolation()
          this.#close(CloseCode.TooManyInvalidFrames, "unread")
        }
        return
      case "Registered":
        // A ban that came between the door and the registration found nobody to kick.
        if (this.#services.bans.isBanned(this.#ref.user, this.#ref.tokenId)) return this.#ref.closeNow(CloseCode.Kicked)
        return this.#startCatchUp()
      case "CatchUp":
        return this.#startCatchUp()
      case "CaughtUp":
        if (!this.#ref.sendQueue.release()) return this.#startCatchUp()
        return
      case "HeartbeatDue":
        return this.#heartbeat()
      case "Close":
        return this.#close(message.code)
    }
  }

  #request(message: Extract<UserMessage, { readonly _tag: "Frame" }>): Handled {
    const ref = this.#ref
    const { frame, readAt } = message
    const requester = "trace" in message ? new TracedAsker(ref, message.trace) : ref
    if (isChatCommand(frame)) {
      const misfit = this.#services.dataCheck(frame)
      return misfit === undefined ? this.#say(frame, readAt, requester) : requester.rejected(frame.id, misfit)
    }
    if (isGroupCommand(frame)) {
      const group = frame.type === "create_group" ? newGroupId(ref.user, frame.id) : frame.group
      return this.#tellGroup(group, { _tag: "Change", sender: ref.user, command: frame, requester })
    }
    if (isRequest(frame)) {
      return this.#inLine(this.#services.requests.answer(frame, ref, (id, error) => ref.refusal(id, error)))
    }
    switch (frame.type) {
      case "typing": {
        const group = groupOf(frame)
        if (group !== undefined) {
          const conversation = Conversation.group(group)
          this.#handedOn++
          return this.#services.router.tellUnsafe({ _tag: "Typing", ref, to: { group }, conversation, frame })
        }
        const recipient = recipientOf(frame, ref.user)
        if (typeof recipient !== "string") return ref.rejected(frame.id, recipient)
        const conversation = this.#conversationWith(recipient)
        return this.#tellIfAllowed(recipient, frame.id, { _tag: "Typing", ref, to: { recipient }, conversation, frame })
      }
      case "group_info":
        return this.#tellGroup(frame.group, { _tag: "Info", sender: ref.user, command: frame, requester: ref })
      case "subscribe_presence":
      case "unsubscribe_presence":
      case "block":
      case "unblock":
      case "blocked_users":
        return relations(frame, ref, this.#services)
      case "received":
      case "read": {
        if (groupOf(frame) === undefined) {
          const recipient = recipientOf(frame, ref.user)
          if (typeof recipient !== "string") return ref.rejected(frame.id, recipient)
        }
        return ref.confirmed(frame)
      }
      case "refresh_auth":
        return this.#refresh(frame)
      case "ping":
        return ref.push(new EncodedFrame({ type: "pong", ...(frame.id === undefined ? undefined : { id: frame.id }) }))
      case "search":
        if (searching(frame, ref, this.#services)) this.#handedOn++
        return
      case "history":
      case "receipts":
      case "conversations":
        return this.#inLine(this.#answer(frame))
      case "join":
        return joining(frame, ref, this.#services.joins, (group, message) => this.#tellGroup(group, message))
    }
  }

  /** At once: a batch of requests for pages must not gather all of the pages, nor keep others waiting. */
  #inLine(answer: Effect.Effect<EncodedFrame>): Effect.Effect<void> {
    const ref = this.#ref
    return Effect.flatMap(answer, (reply) => {
      ref.answer(reply)
      ref.flush()
      return ActorScheduler.nextTurn
    })
  }

  #answer(frame: Question): Effect.Effect<EncodedFrame> {
    const { people, store, traces } = this.#services
    const answered = answer(frame, this.#ref, store, people, this.#pageBytes)
    return traces?.asked(this.#ref.user, frame, answered) ?? answered
  }

  #say(command: ChatCommand, readAt: number | undefined, requester: Requester): Handled {
    const ref = this.#ref
    const group = groupOf(command)
    if (group !== undefined) {
      return this.#tellGroup(group, { _tag: "Chat", sender: ref.user, command, readAt, requester })
    }
    const recipient = recipientOf(command, ref.user)
    if (typeof recipient !== "string") return requester.rejected(command.id, recipient)
    return this.#tellIfAllowed(recipient, command.id, {
      _tag: "UserChat",
      sender: ref.user,
      recipient,
      conversation: this.#conversationWith(recipient),
      command,
      readAt,
      requester
    })
  }

  #tellGroup(group: GroupId, message: GroupMessage): Effect.Effect<void> | undefined {
    this.#handedOn++
    return this.#services.router.tellUnsafe({ _tag: "Group", group, message })
  }

  /** If the app lets this user write to the other one. */
  #tellIfAllowed(
    recipient: UserId,
    id: string | undefined,
    message: ServerMessage
  ): Effect.Effect<void> | undefined {
    const { policy, router } = this.#services
    const decision = policy.write(this.#ref.user, recipient)
    if (decision === true) {
      this.#handedOn++
      return router.tellUnsafe(message)
    }
    return Effect.flatMap(decide(decision), (allowed) => {
      if (allowed) {
        this.#handedOn++
        return router.tellUnsafe(message) ?? Effect.void
      }
      const asker = "requester" in message ? message.requester : this.#ref
      return Effect.sync(() => asker.rejected(id, Errors.forbidden("You may not write to this user.")))
    })
  }

  /** People mostly go on talking to the same person; the same string again is a key that is hashed already. */
  #conversationWith(peer: UserId): ConversationId {
    if (this.#peer !== peer) {
      this.#peer = peer
      this.#conversation = Conversation.direct(this.#ref.user, peer)
    }
    return this.#conversation!
  }

  #startCatchUp(): Effect.Effect<void> {
    return catchingUp(this.#services.backlog, this.#ref, this.#runner)
  }

  #refresh(frame: RefreshAuth): Effect.Effect<void> {
    const ref = this.#ref
    return refreshAuth(frame, ref, this.#services).pipe(
      Effect.map((reply) => ref.push(reply))
    )
  }

  #heartbeat(): void {
    if (this.#ref.level === "plain") return
    const heads = this.#ref.delivered.heads()
    this.#ref.push(new EncodedFrame({ type: "ping", ...(heads === undefined ? undefined : { heads }) }))
  }

  /** Who goes on saying what is nothing is not heard to the end. */
  #close(code: CloseCode.CloseCode, how: "in full" | "unread" = "in full"): void {
    const { connection, sendQueue } = this.#ref
    this.#closed = true
    this.#ref.flush()
    sendQueue.close()
    if (how === "unread") connection.closeUnread(code)
    else connection.close(code)
  }
}
