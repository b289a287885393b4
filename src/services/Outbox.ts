/**
 * The outbound mailbox of one connection, bounded in bytes. Whoever delivers puts frames in and flushes at the end of
 * its batch: no fiber has to wake up to write them, and a wake-up alone was measured at about a microsecond. Overflow
 * policy: past the bound the connection is closed with 4008 (P6).
 */
import * as CloseCode from "../domain/CloseCode.ts"
import type { ConversationId } from "../domain/Ids.ts"
import type { Connection } from "./Connection.ts"
import type { Outbound } from "./Outbound.ts"

/** Live frames kept back during a pass over the store; past this they are dropped and another pass reads them. */
const maxHeldBytes = 262_144

/** Shared by all connections that were behind in nothing, which are most. */
const nothingSent: ReadonlyMap<ConversationId, number> = new Map()

/** Bytes that the socket has not taken, past which a connection is called slow. */
const slowBytes = 65_536

/** Frames gathered for one write. */
const flushBytes = 65_536

export interface OutboxOptions {
  readonly connection: Connection
  /** Bytes that may wait for the peer; up to `flushBytes` more are on their way to the socket. */
  readonly maxBytes: number
  /** A pushed entry of a log: before it is written, in order. */
  readonly onEntry: (conversation: ConversationId, seq: number) => void
}

export class Outbox {
  readonly #options: OutboxOptions
  #frames: Array<Outbound> = []
  #bytes = 0
  #closed = false
  /**
   * While a pass over the store runs, live entries wait here, unless they became too many. So from the beginning: what
   * is delivered between the registration and the first pass must not overtake the backlog.
   */
  #held: Array<Outbound> | "overflowed" | undefined = []
  #heldBytes = 0
  /** How far passes over the store came: live entries up to there were sent already. */
  #sent: ReadonlyMap<ConversationId, number> = nothingSent

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** How far passes over the store have come. */
  get sent(): ReadonlyMap<ConversationId, number> {
    return this.#sent
  }

  push(frame: Outbound): void {
    if (this.#closed) return
    const { conversation } = frame
    if (frame.isEphemeral && this.isSlow) return
    if (conversation === undefined) return this.#add(frame)
    if (this.#held !== undefined) return this.#hold(frame)
    if (frame.seq <= (this.#sent.get(conversation) ?? 0)) return
    this.#add(frame)
    this.#options.onEntry(conversation, frame.seq)
  }

  /** Whether the peer takes less than it is given; what may be dropped is dropped then. */
  get isSlow(): boolean {
    return this.#options.connection.buffered() > slowBytes
  }

  /** Writes all frames at once, then asks whether the peer is too slow. */
  flush(): void {
    if (this.#frames.length === 0 || this.#closed) return
    const { connection, maxBytes } = this.#options
    connection.write(this.#frames)
    this.#frames = []
    this.#bytes = 0
    if (connection.buffered() > maxBytes) {
      this.close()
      connection.terminate(CloseCode.SlowReader)
    }
  }

  /** Nothing more goes out. */
  close(): void {
    this.#closed = true
    this.#frames = []
    this.#held = undefined
  }

  /**
   * From here on live entries are held, so that none falls between them and what is read from the store (P5), and none
   * overtakes it (P4). What is held already stays.
   */
  hold(): void {
    if (this.#held !== undefined && this.#held !== "overflowed") return
    this.#held = []
    this.#heldBytes = 0
  }

  /** Whether entries are held; a second pass is asked for by forgetting those that are. */
  isHolding(): boolean {
    return this.#held !== undefined
  }

  forgetHeld(): void {
    this.#held = "overflowed"
  }

  /** A pass has ended. True when all is live again, false when another pass is needed. */
  release(sent: ReadonlyMap<ConversationId, number>): boolean {
    this.#sent = sent.size === 0 ? nothingSent : sent
    const held = this.#held
    if (held === "overflowed") return false
    this.#held = undefined
    for (const frame of held ?? []) this.push(frame)
    this.flush()
    return true
  }

  #add(frame: Outbound): void {
    this.#frames.push(frame)
    this.#bytes += frame.wire.length
    // A burst is not slowness: the socket gets its chance before the bound is looked at.
    if (this.#bytes >= flushBytes) this.flush()
  }

  #hold(frame: Outbound): void {
    if (this.#held === "overflowed" || this.#held === undefined) return
    this.#heldBytes += frame.wire.length
    if (this.#heldBytes > maxHeldBytes) this.#held = "overflowed"
    else this.#held.push(frame)
  }
}
