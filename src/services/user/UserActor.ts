/** What a `UserActor` does with its messages, and the state that only its fiber touches. */
import { Effect, Schedule } from "effect"
import type { RefreshAuth } from "../../domain/ClientFrame.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { type ChatCommand, isChatCommand, isGroupCommand } from "../../domain/entries/index.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import { isReached } from "../../domain/Limit.ts"
import type { Authenticator } from "../access/Authenticator.ts"
import { type AuthorizationPolicy, decide } from "../access/Authorization.ts"
import type { BanList } from "../access/BanList.ts"
import { newGroupId } from "../group/groupIds.ts"
import type { GroupMessage } from "../group/GroupMessage.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import type { Handled, Waiting } from "../kernel/Mailbox.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Router } from "../server/Router.ts"
import type { ServerMessage } from "../server/ServerMessage.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { pageBytesOf } from "../session/pageBounds.ts"
import type { Requester } from "../session/Requester.ts"
import { groupOf, recipientOf } from "../session/targets.ts"
import { TracedAsker } from "../session/TracedRequester.ts"
import { CaughtUp, type UserMessage } from "../session/UserMessage.ts"
import type { Settings } from "../Settings.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"
import { type Backlog, catchUp } from "./CatchUp.ts"
import { answer, type Question } from "./Queries.ts"
import { refreshAuth } from "./RefreshAuth.ts"
import { relations } from "./Relations.ts"
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
  readonly traces: MessageTracing | undefined
}

const retryCatchUp = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")])

const isInbound = ({ _tag }: UserMessage): boolean => _tag === "Frame" || _tag === "Invalid"

export class UserActor {
  readonly #ref: UserRef
  readonly #services: UserServices
  readonly #pageBytes: number
  #invalidInARow = 0
  #closed = false
  /** Of the batch at hand, what was told to others and is done with when they say so. */
  #handedOn = 0
  #peer: UserId | undefined
  #conversation: ConversationId | undefined

  constructor(ref: UserRef, services: UserServices) {
    this.#ref = ref
    this.#services = services
    this.#pageBytes = pageBytesOf(services.settings.maxOutboundBytes)
  }

  /** `now` is by the wall clock. */
  welcome(now: number, address: string): void {
    const { settings, store } = this.#services
    this.#ref.push(welcome(this.#ref, { settings, durability: store.durability, now, address }))
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
          this.#close(CloseCode.TooManyInvalidFrames)
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
    if (isChatCommand(frame)) return this.#say(frame, readAt, requester)
    if (isGroupCommand(frame)) {
      const group = frame.type === "create_group" ? newGroupId(ref.user, frame.id) : frame.group
      return this.#tellGroup(group, { _tag: "Change", sender: ref.user, command: frame, requester })
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
      case "history":
      case "receipts":
      case "conversations":
        return Effect.flatMap(this.#answer(frame), (reply) => {
          ref.answer(reply)
          // At once: a batch of requests for pages must not gather all of the pages, nor keep others waiting.
          ref.flush()
          return ActorScheduler.nextTurn
        })
    }
  }

  #answer(frame: Question): Effect.Effect<EncodedFrame> {
    const { store, traces } = this.#services
    const answered = answer(frame, this.#ref, store, this.#pageBytes)
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

  /** Most who connect are behind in nothing; only for the others a fiber reads, so that their actor goes on. */
  #startCatchUp(): Effect.Effect<void> {
    const ref = this.#ref
    const { device, sendQueue, user } = ref
    sendQueue.hold()
    const { backlog } = this.#services
    return Effect.andThen(ref.blocks.refresh(), backlog.behind({ user, device, limit: 1 })).pipe(
      Effect.matchEffect({
        onFailure: () => this.#forkCatchUp(),
        onSuccess: ({ items, next }) => {
          if (items.length > 0 || next !== undefined || !sendQueue.release()) return this.#forkCatchUp()
          return Effect.void
        }
      })
    )
  }

  #forkCatchUp(): Effect.Effect<void> {
    const ref = this.#ref
    ref.sendQueue.hold()
    const { backlog } = this.#services
    return Effect.andThen(Effect.suspend(() => ref.blocks.known()), catchUp(backlog, ref)).pipe(
      Effect.retry({ schedule: retryCatchUp, while: () => ref.sendQueue.isOpen }),
      Effect.map(() => ref.tell(CaughtUp)),
      Effect.ignore,
      Effect.forkChild,
      Effect.asVoid
    )
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

  #close(code: CloseCode.CloseCode): void {
    this.#closed = true
    this.#ref.flush()
    this.#ref.sendQueue.close()
    this.#ref.connection.close(code)
  }
}
