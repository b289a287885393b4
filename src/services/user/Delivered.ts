/**
 * What of the logs was written to a client, and how much of it counts as received. At level `v1` the client says so. A
 * plain client says nothing: an entry counts once the socket has taken the last byte of it and the connection goes on.
 * In doubt it was not received, and comes again (P4).
 */
import type { ConversationId } from "../../domain/Ids.ts"
import type { Connection } from "../session/Connection.ts"
import type { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Meters } from "../telemetry/Meters.ts"
import { Confirmations } from "./Confirmations.ts"

type Positions = Map<ConversationId, number>

export interface DeliveredOptions {
  readonly level: "plain" | "v1"
  readonly connection: Connection
  readonly meters: Meters
  /** The client has all of this conversation up to there. */
  readonly received: (conversation: ConversationId, seq: number) => void
}

export class Delivered {
  readonly #options: DeliveredOptions
  /** The last of each conversation: at level `v1` not confirmed, else not taken by the socket. */
  #open: Positions | undefined
  /** At level `plain`, those about which the socket was asked already. */
  #asked: Positions | undefined

  /** What the client may say of it without a price; nothing was written before there is one. */
  confirmations: Confirmations | undefined

  constructor(options: DeliveredOptions) {
    this.#options = options
  }

  /** These were handed to the socket, in this order. */
  written(frames: ReadonlyArray<EncodedFrame>): void {
    const { connection, level, meters } = this.#options
    const taken = level === "plain" && connection.buffered() === 0
    for (const { committedAt, conversation, isFarewell, seq } of frames) {
      if (conversation === undefined) continue
      meters.wrote(committedAt)
      ;(this.confirmations ??= new Confirmations()).written()
      // Who is out of a group has nothing to confirm in it.
      if (isFarewell) this.#open?.delete(conversation)
      else if (taken) this.#options.received(conversation, seq)
      else (this.#open ??= new Map()).set(conversation, seq)
    }
    if (level === "plain" && this.#open !== undefined) this.#ask()
  }

  /** What was written last had been read from the store for it. */
  fromStore(): void {
    this.#options.meters.redeliveries++
  }

  /** A pass over the store came by an entry of which the client gets nothing. */
  passedOver(conversation: ConversationId, seq: number): void {
    const { connection, level } = this.#options
    const before = this.#open?.get(conversation)
    if (level === "plain" ? connection.buffered() === 0 : before === undefined) {
      return this.#options.received(conversation, seq)
    }
    // The client will not confirm what it does not get; after something unconfirmed it waits its turn.
    if (level === "v1") return
    ;(this.#open ??= new Map()).set(conversation, seq)
    this.#ask()
  }

  /** The client says that it has this conversation up to there. Returns what was written of it, 0 when that is not known. */
  confirmed(conversation: ConversationId, upTo: number): number {
    const last = this.#options.level === "v1" ? this.#open?.get(conversation) : undefined
    if (last !== undefined && last <= upTo) this.#open!.delete(conversation)
    return last ?? 0
  }

  /** At level `v1`: the last entry written in each conversation that the client has not confirmed, for the heartbeat. */
  heads(): Record<string, number> | undefined {
    return this.#options.level === "plain" || this.#open === undefined || this.#open.size === 0
      ? undefined
      : Object.fromEntries(this.#open)
  }

  /** The client of a plain connection answered the server's close frame, and so has read all that was before it. */
  all(): void {
    if (this.#options.level === "v1") return
    this.#receive(this.#asked)
    this.#receive(this.#open)
  }

  /** Not more than one question at a time, however much is written meanwhile. */
  #ask(): void {
    if (this.#asked !== undefined || this.#open === undefined) return
    this.#asked = this.#open
    this.#open = undefined
    this.#options.connection.whenTaken(() => this.#taken())
  }

  #taken(): void {
    const asked = this.#asked
    this.#asked = undefined
    this.#receive(asked)
    this.#ask()
  }

  #receive(positions: Positions | undefined): void {
    if (positions === undefined) return
    for (const [conversation, seq] of positions) this.#options.received(conversation, seq)
  }
}
