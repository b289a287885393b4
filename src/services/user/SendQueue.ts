/**
 * The outbound mailbox of one connection, bounded in bytes. Whoever delivers puts frames in and flushes at the end of
 * its batch: no fiber has to wake up to write them, and a wake-up alone was measured at about a microsecond. Overflow
 * policy: past the bound the connection is closed with 4008 (P6).
 */
import * as CloseCode from "../../domain/CloseCode.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { isOver } from "../../domain/Limit.ts"
import type { Connection } from "../session/Connection.ts"
import type { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Delivered } from "./Delivered.ts"

/** Live frames kept back during a pass over the store; past this they are dropped and another pass reads them. */
const maxHeldBytes = 262_144

/** Bytes that the socket has not taken, past which a connection is called slow. */
const slowBytes = 65_536

/** Frames gathered for one write. */
const flushBytes = 65_536

export interface OutboxOptions {
  readonly connection: Connection
  /** Bytes that may wait for the peer; up to `flushBytes` more are on their way to the socket. */
  readonly maxBytes: number
  /** Is told what the socket was given, and of nothing else. */
  readonly delivered: Delivered
  /** Live entries that had to wait were written. */
  readonly settle: () => void
}

export class SendQueue {
  readonly #options: OutboxOptions
  #frames: Array<EncodedFrame> = []
  #bytes = 0
  /** Whether it is written at the end of what runs now. */
  #isDue = false
  #closed = false
  /**
   * While a pass over the store runs, live entries wait here, unless they became too many. So from the beginning: what
   * is delivered between the registration and the first pass must not overtake the backlog.
   */
  #held: Array<EncodedFrame> | "overflowed" | undefined = []
  #heldBytes = 0
  /** How far passes over the store came: live entries up to there were sent already. */
  #sent: Map<ConversationId, number> | undefined
  /** Groups that the user was taken out of since entries are held. */
  #left: Set<ConversationId> | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Whether anything can still go out. */
  get isOpen(): boolean {
    return !this.#closed && this.#options.connection.isWhole
  }

  push(frame: EncodedFrame): void {
    if (this.#closed) return
    const { conversation } = frame
    if (frame.isEphemeral && this.isSlow) return
    if (conversation === undefined) return this.#add(frame)
    if (frame.isFarewell) return this.#part(conversation, frame)
    if (this.#held !== undefined) return this.#hold(frame)
    if (frame.seq > this.sentUpTo(conversation)) this.#add(frame)
  }

  /**
   * The user is in this group by the entry `seq`, perhaps again. Where it is told at once, a pass that is asked for later
   * begins there: what was said before they came back must not follow it (P2).
   */
  enter(conversation: ConversationId, seq: number): void {
    if (!this.#closed && this.#held === undefined) {
      this.passed(conversation, Math.max(this.sentUpTo(conversation), seq - 1))
    }
  }

  /**
   * The user is out of this group by the entry `seq`, whether or not this client is told: nothing from before follows, of
   * what is held or of what a pass is reading. Returns false when they are in again and a pass has told so.
   */
  leave(conversation: ConversationId, seq: number): boolean {
    const held = this.#held
    // A pass may have come further than what is live, which comes in the order of the log anyway.
    if (this.sentUpTo(conversation) >= seq) return false
    if (held === undefined) return true
    ;(this.#left ??= new Set()).add(conversation)
    if (held !== "overflowed") this.#held = held.filter((each) => each.conversation !== conversation || each.seq > seq)
    return true
  }

  /** For a pass over the store: where it begins in a conversation. */
  sentUpTo(conversation: ConversationId): number {
    return this.#sent?.get(conversation) ?? 0
  }

  /** For a pass over the store: whether what it reads of this conversation still goes out. */
  takes(conversation: ConversationId): boolean {
    return this.isOpen && this.#left?.has(conversation) !== true
  }

  /** For a pass over the store: writes this entry at once. Returns false when the connection has come to its end. */
  send(frame: EncodedFrame): boolean {
    this.flush()
    return !this.#closed && this.#write([frame])
  }

  /** For a pass over the store: it is to wait until the socket has taken more. No pass fills what is left for live frames. */
  get isFull(): boolean {
    const { connection, maxBytes } = this.#options
    return connection.buffered() > (maxBytes === 0 ? slowBytes : Math.min(slowBytes, maxBytes))
  }

  /** For a pass over the store: it has come so far. */
  passed(conversation: ConversationId, seq: number): void {
    ;(this.#sent ??= new Map()).set(conversation, seq)
  }

  /** Whether the peer takes less than it is given; what may be dropped is dropped then. */
  get isSlow(): boolean {
    return this.#options.connection.buffered() > slowBytes
  }

  /** Writes all frames at once, then asks whether the peer is too slow. */
  flush(): void {
    if (this.#frames.length === 0 || this.#closed) return
    const { connection, maxBytes } = this.#options
    const frames = this.#frames
    this.#frames = []
    this.#bytes = 0
    if (this.#write(frames) && isOver(maxBytes, connection.buffered())) {
      this.close()
      connection.terminate(CloseCode.SlowReader)
    }
  }

  /** At the end of what runs now: what a client is told of all that was read at once is one write, not one each. */
  flushSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => {
      this.#isDue = false
      this.flush()
    })
  }

  /** Nothing more goes out. */
  close(): void {
    if (this.#isDue) this.flush()
    this.#closed = true
    this.#frames = []
    this.#held = undefined
    this.#left = undefined
  }

  /**
   * From here on live entries are held, so that none falls between them and what is read from the store (P5), and none
   * overtakes it (P4). What is held already stays.
   */
  hold(): void {
    if (this.#closed || (this.#held !== undefined && this.#held !== "overflowed")) return
    this.#held = []
    this.#heldBytes = 0
  }

  /** Whether entries are held; a second pass is asked for by forgetting those that are. */
  isHolding(): boolean {
    return this.#held !== undefined
  }

  forgetHeld(): void {
    if (!this.#closed) this.#held = "overflowed"
  }

  /** A pass has ended. True when all is live again, false when another pass is needed. */
  release(): boolean {
    const held = this.#held
    // Whoever was taken out may be in again, and then something that they may see was passed over.
    const left = this.#left !== undefined
    this.#left = undefined
    if (held === "overflowed" || left) return false
    this.#held = undefined
    for (const frame of held ?? []) this.push(frame)
    this.flush()
    this.#options.settle()
    return true
  }

  #add(frame: EncodedFrame): void {
    this.#frames.push(frame)
    this.#bytes += frame.size
    // A burst is not slowness: the socket gets its chance before the bound is looked at.
    if (this.#bytes >= flushBytes) this.flush()
  }

  #part(conversation: ConversationId, frame: EncodedFrame): void {
    if (this.leave(conversation, frame.seq)) this.#add(frame)
  }

  #write(frames: ReadonlyArray<EncodedFrame>): boolean {
    const { connection, delivered } = this.#options
    if (connection.write(frames)) {
      delivered.written(frames)
      return true
    }
    this.close()
    return false
  }

  #hold(frame: EncodedFrame): void {
    if (this.#held === "overflowed" || this.#held === undefined) return
    this.#heldBytes += frame.size
    if (this.#heldBytes > maxHeldBytes) this.#held = "overflowed"
    else this.#held.push(frame)
  }
}
