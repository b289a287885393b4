/** How others reach a `UserActor`: who it is, its mailbox for messages and its send queue for frames. */
import { Effect } from "effect"
import type { Read, Received } from "../../domain/ClientFrame.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { Entry } from "../../domain/Entry.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { Decoded } from "../../domain/FrameCodec.ts"
import type { ClientId, ConversationId, DeviceId, SessionId, UserId } from "../../domain/Ids.ts"
import type { MessageAccepted } from "../../domain/ServerFrame.ts"
import { costOf, costOfAnswer, type FrameLimit } from "../limits/FrameLimits.ts"
import { Cursors } from "../persistence/Cursors.ts"
import type { Connection, ConnectionListener, Ending } from "../session/Connection.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { errorFrame } from "../session/errorFrame.ts"
import type { Requester } from "../session/Requester.ts"
import type { Level, Origin, Session } from "../session/Session.ts"
import { CatchUp, HeartbeatDue, type UserMessage } from "../session/UserMessage.ts"
import type { Meters } from "../telemetry/Meters.ts"
import { Blocks } from "./Blocks.ts"
import { priceOf } from "./Confirmations.ts"
import { Delivered } from "./Delivered.ts"
import type { HeartbeatPeer } from "./Heartbeat.ts"
import { InboundWindow } from "./InboundWindow.ts"
import { SendQueue } from "./SendQueue.ts"
import type { RefServices, UserRefOptions } from "./UserRefOptions.ts"
import { Validity } from "./Validity.ts"

/**
 * The mailbox is bounded. Overflow policy: a client that sends past it is closed with 4511; reading is paused long
 * before, so only a burst in one packet comes that far. Nobody ever waits for it.
 */
export class UserRef implements Session, ConnectionListener, HeartbeatPeer, Requester {
  readonly user: UserId
  readonly device: DeviceId
  readonly named: boolean
  readonly session: SessionId
  readonly level: Level
  readonly origin: Origin
  readonly connection: Connection
  readonly delivered: Delivered
  readonly sendQueue: SendQueue
  readonly validity: Validity
  /** Shared by all connections of the user. */
  blocks = Blocks.none
  #lastActivity: number
  /** The last activity that was followed by a ping. */
  #pingedAt = -1
  #erased = false
  readonly #inbound = new InboundWindow()
  #isClosing = false
  readonly #limit: FrameLimit
  readonly #mailbox: UserRefOptions["mailbox"]
  readonly #services: RefServices
  #cursors: Cursors | undefined
  #ended = false

  constructor({ connection, identity, level, limit, mailbox, origin, services, session }: UserRefOptions) {
    this.user = identity.user
    this.device = identity.device
    this.named = identity.named
    this.session = session
    this.level = level
    this.origin = origin
    this.connection = connection
    this.#mailbox = mailbox
    this.#limit = limit
    this.#services = services
    this.validity = new Validity(identity.expiresAt, identity.tokenId)
    this.#lastActivity = services.now()
    this.delivered = new Delivered(this)
    this.sendQueue = new SendQueue(this)
  }

  get meters(): Meters {
    return this.#services.meters
  }
  get maxBytes(): number {
    return this.#services.maxOutboundBytes
  }
  get hasLeft(): boolean {
    return this.#ended
  }
  get isSlow(): boolean {
    return this.sendQueue.isSlow
  }
  get isErased(): boolean {
    return this.#erased
  }
  get tokenId(): string | undefined {
    return this.validity.tokenId
  }
  get lastActivity(): number {
    return this.#lastActivity
  }
  get isPinged(): boolean {
    return this.#pingedAt === this.#lastActivity
  }
  get expiresAt(): number {
    return this.validity.expiresAt
  }

  withholds(entry: Pick<Entry, "at" | "sender">): boolean {
    if (!this.blocks.withholds(entry)) return false
    // It may be to be pushed after all, and before what comes after it.
    if (this.blocks.isChanging || this.blocks.isDoubtful) this.readAgain()
    return true
  }
  erase(): void {
    this.#erased = true
  }
  terminate(code: CloseCode.CloseCode): void {
    this.connection.terminate(code)
  }
  hasBlocked(user: UserId): boolean {
    return this.blocks.has(user)
  }

  /** The client has this conversation up to there. */
  confirmed({ conversation, id, type: kind, up_to: upTo }: Received | Read): void {
    const pushed = this.delivered.confirmed(conversation, upTo)
    this.#cursors ??= new Cursors(this)
    this.#cursors.ask({ kind, conversation, upTo, id }, pushed)
    this.#services.enqueueCursors(this.#cursors)
  }

  /** It was written to the client and counts as received: its cursor is written with others a little later. */
  received(conversation: ConversationId, upTo: number): void {
    this.#cursors ??= new Cursors(this)
    this.#cursors.move("received", conversation, upTo)
    this.#services.enqueueCursors(this.#cursors)
  }

  settleCursors(): Effect.Effect<void, ChatError> {
    return this.#cursors === undefined ? Effect.void : this.#services.settleCursors?.(this.#cursors) ?? Effect.void
  }
  push(frame: EncodedFrame): void {
    this.sendQueue.push(frame)
  }
  enters(group: ConversationId, seq: number): void {
    this.sendQueue.enter(group, seq)
  }
  pushRemoval(frame: EncodedFrame): void {
    if (this.level === "plain") this.sendQueue.leave(frame.conversation!, frame.seq)
    else this.sendQueue.push(frame)
  }

  /** A frame that the client asked for: a large one costs it more than the question did. */
  answer(frame: EncodedFrame): void {
    this.charge(costOfAnswer(frame.size))
    this.push(frame)
  }

  /** Something has cost more than its frame. */
  charge(cost: number): void {
    this.#limit.charge(cost, this.#services.now())
  }
  flush(): void {
    this.sendQueue.flush()
  }
  settle(): void {
    this.meters.settle(this.#services.now)
  }
  readAgain(): void {
    // A pass that runs already is followed by another.
    if (this.sendQueue.isHolding()) return this.sendQueue.forgetHeld()
    this.sendQueue.hold()
    this.tell(CatchUp)
  }

  tell(message: UserMessage): void {
    if (!this.#ended && !this.#mailbox.offer(message)) this.#overflow()
  }
  accepted(frame: MessageAccepted): void {
    this.push(new EncodedFrame(frame))
  }
  rejected(id: string | undefined, error: ChatError): void {
    this.push(this.refusal(id as ClientId | undefined, error))
  }

  /** The answer to a frame that came to nothing. */
  refusal(id: ClientId | undefined, error: ChatError): EncodedFrame {
    this.meters.errors.add(error.code)
    return errorFrame(id, error)
  }

  onFrame(decoded: Decoded): boolean {
    if (this.#ended || this.#isClosing) return false
    const now = this.#services.now()
    this.#lastActivity = now
    if (decoded._tag === "Frame") decoded.readAt = now
    const cost = priceOf(decoded, this.delivered.confirmations)
    const wait = cost === 0 ? 0 : this.#limit.take(cost, now)
    if (wait > 0) return this.#refuse(decoded, wait, now)
    if (!this.#mailbox.offer(this.#services.traces?.read(this.user, decoded) ?? decoded)) {
      this.#overflow()
      return false
    }
    return this.#inbound.add()
  }

  onPing(): boolean {
    const now = this.#services.now()
    this.#lastActivity = now
    if (this.#limit.take(costOf(undefined), now) === 0) return true
    if (this.#limit.refused(now)) this.#flood()
    return false
  }

  /** Pongs that nobody asked for are a flood like any other. */
  onPong(): void {
    this.onPing()
  }

  onViolation(): void {
    this.#limit.violation()
  }

  /** Who floods is not heard to the end: not even the answer to the close frame is waited for. */
  #flood(): void {
    if (this.#silence()) this.connection.closeUnread(CloseCode.Flood)
  }

  /** Whether the connection was ended for what its client is or did; what waits in the mailbox is not carried out. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  closeNow(code: CloseCode.CloseCode): void {
    if (this.#silence()) this.connection.close(code)
  }

  /** From here on it is neither heard nor told anything. Returns whether it was until now. */
  #silence(): boolean {
    if (this.#isClosing || this.#ended) return false
    this.#isClosing = true
    this.sendQueue.close()
    return true
  }

  credentialsExpiring(): void {
    if (this.level === "plain" || !this.validity.warn()) return
    this.push(new EncodedFrame({ type: "auth_expiring", expires_at: this.expiresAt }))
    this.flush()
  }
  credentialsExpired(): void {
    this.closeNow(CloseCode.CredentialsExpired)
  }

  /** The mailbox ends, not the fiber: what the client said before it left is still carried out. */
  onClosed(ending: Ending, code: number): void {
    if (this.#ended) return
    this.#ended = true
    this.meters.closed.add(String(code))
    this.sendQueue.close()
    if (ending === "answered") this.delivered.all()
    if (this.#cursors?.close(ending) === true) this.#services.enqueueCursors(this.#cursors)
    this.#mailbox.end()
  }

  heartbeatDue(): void {
    // While the server itself has stopped reading, silence says nothing about the client.
    if (this.#inbound.isFull) return void (this.#lastActivity = this.#services.now())
    this.#pingedAt = this.#lastActivity
    this.connection.ping()
    this.tell(HeartbeatDue)
  }
  heartbeatMissed(): void {
    if (this.#inbound.isFull) this.#lastActivity = this.#services.now()
    else this.terminate(CloseCode.NoHeartbeat)
  }

  /** An answer to what was told to others has come: their mailboxes are not filled by one client. */
  settled(): void {
    this.handled(1)
  }

  /** For the actor: that many frames of the client are done with. */
  handled(frames: number): void {
    if (this.#inbound.done(frames)) this.connection.resume()
  }

  /** Reading goes on: a client that heard it may well stop. */
  #refuse(decoded: Decoded, wait: number, now: number): boolean {
    if (this.#limit.refused(now)) {
      this.#flood()
      return false
    }
    const id = decoded._tag === "Frame" ? decoded.frame.id : decoded.id
    this.rejected(id, Errors.rateLimited("You send too fast; send it again later.", wait))
    this.sendQueue.flushSoon()
    return true
  }

  #overflow(): void {
    this.sendQueue.close()
    this.connection.terminate(CloseCode.Flood)
  }
}
