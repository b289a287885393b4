/** How others reach a `UserActor`: who it is, and functions that put messages into its mailbox. */
import { Cause, Queue } from "effect"
import * as CloseCode from "../domain/CloseCode.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { Decoded } from "../domain/FrameCodec.ts"
import type { ClientId, DeviceId, SessionId, UserId } from "../domain/Ids.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import type { Connection, ConnectionListener } from "./Connection.ts"
import type { HeartbeatPeer } from "./Heartbeat.ts"
import { HeartbeatDue, type Origin, type UserMessage } from "./Messages.ts"
import { Outbound } from "./Outbound.ts"

/** `plain` is the original frames; `v1` is the subprotocol `switchboard.v1`. */
export type Level = "plain" | "v1"

export interface UserRefOptions {
  readonly user: UserId
  readonly device: DeviceId
  /** Whether the client named its device; only then does a newer connection of it replace this one. */
  readonly named: boolean
  readonly session: SessionId
  readonly level: Level
  readonly connection: Connection
  readonly mailbox: Queue.Queue<UserMessage, Cause.Done>
  /** Bytes that may wait for this connection, in the mailbox and in the socket together (P6). */
  readonly maxOutboundBytes: number
  readonly now: () => number
}

/** The client's frames are read on until this many wait in the mailbox; then the socket is paused. */
const inboundHighWater = 64

/**
 * The mailbox is bounded in messages by its capacity and in bytes by `maxOutboundBytes`. Overflow policy: what others
 * deliver past the bound ends the connection with 4008, what the client itself sends past it ends it with 4511.
 * Nobody ever waits for it.
 */
export class UserRef implements ConnectionListener, HeartbeatPeer, Origin {
  readonly user: UserId
  readonly device: DeviceId
  readonly named: boolean
  readonly session: SessionId
  readonly level: Level
  readonly connection: Connection
  /** When the client last gave a sign of life, in milliseconds of the server's clock. */
  lastActivity: number
  pingedAt = -1
  readonly #mailbox: Queue.Queue<UserMessage, Cause.Done>
  readonly #maxOutboundBytes: number
  readonly #now: () => number
  #pendingBytes = 0
  #pendingFrames = 0
  #paused = false
  #ended = false

  constructor(options: UserRefOptions) {
    this.user = options.user
    this.device = options.device
    this.named = options.named
    this.session = options.session
    this.level = options.level
    this.connection = options.connection
    this.#mailbox = options.mailbox
    this.#maxOutboundBytes = options.maxOutboundBytes
    this.#now = options.now
    this.lastActivity = options.now()
  }

  /** A frame for the client. Frames reach it in the order in which they are told. */
  push(frame: Outbound): void {
    if (this.#ended) return
    this.#pendingBytes += frame.wire.length
    if (
      this.#pendingBytes + this.connection.buffered() > this.#maxOutboundBytes ||
      !Queue.offerUnsafe(this.#mailbox, frame)
    ) {
      this.#overflow(CloseCode.SlowReader)
    }
  }

  /** Any other message. */
  tell(message: UserMessage): void {
    if (!this.#ended && !Queue.offerUnsafe(this.#mailbox, message)) this.#overflow(CloseCode.SlowReader)
  }

  accepted(frame: MessageAccepted): void {
    this.push(new Outbound(frame))
  }

  rejected(id: string | undefined, error: ChatError): void {
    this.push(errorFrame(id as ClientId | undefined, error))
  }

  onFrame(decoded: Decoded): boolean {
    if (this.#ended) return false
    this.lastActivity = this.#now()
    this.#pendingFrames++
    if (!Queue.offerUnsafe(this.#mailbox, decoded)) {
      this.#overflow(CloseCode.Flood)
      return false
    }
    if (this.#pendingFrames < inboundHighWater) return true
    this.#paused = true
    return false
  }

  onActivity(): void {
    this.lastActivity = this.#now()
  }

  /** The mailbox ends, not the fiber: what the client said before it left is still carried out. */
  onClosed(): void {
    this.#ended = true
    Queue.endUnsafe(this.#mailbox)
  }

  heartbeatDue(): void {
    // While the server itself has stopped reading, silence says nothing about the client.
    if (this.#paused) this.lastActivity = this.#now()
    else {
      this.connection.ping()
      this.tell(HeartbeatDue)
    }
  }

  heartbeatMissed(): void {
    if (this.#paused) this.lastActivity = this.#now()
    else this.connection.terminate(CloseCode.NoHeartbeat)
  }

  /** For the actor: an outbound frame has left the mailbox. */
  takenOutbound(frame: Outbound): void {
    this.#pendingBytes -= frame.wire.length
  }

  /** For the actor: that many frames of the client are done with. */
  takenInbound(count: number): void {
    this.#pendingFrames -= count
    if (this.#paused && this.#pendingFrames < inboundHighWater) {
      this.#paused = false
      this.connection.resume()
    }
  }

  /** For the actor: whether the socket holds more than a connection may. */
  isSlow(): boolean {
    return this.connection.buffered() > this.#maxOutboundBytes
  }

  #overflow(code: CloseCode.CloseCode): void {
    this.#ended = true
    this.connection.terminate(code)
  }
}

export const errorFrame = (id: ClientId | undefined, error: ChatError): Outbound =>
  new Outbound({
    type: "error",
    ...(id === undefined ? undefined : { id }),
    code: error.code,
    message: error.message,
    temporary: error.temporary,
    ...(error.retry_after_ms === undefined ? undefined : { retry_after_ms: error.retry_after_ms })
  })
