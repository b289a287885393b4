/** What a `UserActor` does with its messages, and the state that only its fiber touches. */
import { Effect, Schedule } from "effect"
import * as CloseCode from "../domain/CloseCode.ts"
import type { ClientFrame } from "../domain/ClientFrame.ts"
import { maxPage } from "../domain/ClientFrame.ts"
import type { ConversationId } from "../domain/Ids.ts"
import { catchUp } from "./CatchUp.ts"
import type { UserMessage } from "./Messages.ts"
import { Taken } from "./Messages.ts"
import { Outbound } from "./Outbound.ts"
import type { PersistenceActor } from "./PersistenceActor.ts"
import { answer, moveOf, recipientOf } from "./Requests.ts"
import type { ServerActor } from "./ServerActor.ts"
import type { Settings } from "./Settings.ts"
import type { MessageStore } from "./storage/MessageStore.ts"
import type { UserRef } from "./UserRef.ts"

export interface SessionServices {
  readonly persistence: PersistenceActor["Service"]
  readonly server: ServerActor["Service"]
  readonly settings: Settings["Service"]
  readonly store: MessageStore["Service"]
}

/** Live frames kept back during a pass over the store; past this they are dropped and another pass reads them. */
const maxHeldBytes = 262_144
/** Frames gathered for one write. */
const maxGatheredBytes = 262_144

const retryCatchUp = Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("5 seconds")])

export class UserSession {
  readonly #ref: UserRef
  readonly #services: SessionServices
  /** Frames to write at the end of this batch. */
  #out: Array<Outbound> = []
  #outBytes = 0
  #invalidInARow = 0
  #closed = false
  /** While a pass over the store runs, live frames wait here, unless they became too many. */
  #held: Array<Outbound> | "overflowed" | undefined
  #heldBytes = 0
  /** How far passes over the store came: live frames up to there were sent already. */
  #sent: ReadonlyMap<ConversationId, number> = new Map()
  /** Of `v1`: the last entry pushed in each conversation that the client has not confirmed. Goes with the heartbeat. */
  #unconfirmed: Map<ConversationId, number> | undefined
  /** Of `plain`: the last entry written in each conversation that the socket may not have taken yet. */
  #untaken: Map<ConversationId, number> | undefined
  #waitingForTaken = false

  constructor(ref: UserRef, services: SessionServices) {
    this.#ref = ref
    this.#services = services
  }

  welcome(now: number): void {
    const { device, session, user } = this.#ref
    const { settings, store } = this.#services
    this.#ref.connection.write([
      new Outbound({
        type: "welcome",
        session,
        user,
        device,
        server_time: now,
        heartbeat_ms: settings.heartbeatMillis,
        durability: store.durability,
        limits: {
          frame_bytes: settings.maxFrameBytes,
          text_bytes: settings.maxTextBytes,
          page: maxPage,
          rate_per_second: 0
        }
      })
    ])
  }

  /** Handles what has gathered in the mailbox, in order, and writes all frames for the client at once. */
  readonly handle = Effect.fnUntraced({ self: this }, function*(batch: ReadonlyArray<UserMessage>) {
    let inbound = 0
    for (const message of batch) {
      if (message._tag === "Frame" || message._tag === "Invalid") inbound++
      if (this.#closed) {
        if (message._tag === "Outbound") this.#ref.takenOutbound(message)
        continue
      }
      const effect = this.#handleOne(message)
      if (effect) yield* effect
      if (this.#outBytes > maxGatheredBytes) this.#write()
    }
    this.#write()
    if (inbound > 0) this.#ref.takenInbound(inbound)
  })

  /** Nothing to wait for in most cases, so most messages cost no effect at all. */
  #handleOne(message: UserMessage): Effect.Effect<void> | void {
    switch (message._tag) {
      case "Outbound":
        this.#ref.takenOutbound(message)
        return this.#push(message)
      case "Frame":
        this.#invalidInARow = 0
        return this.#request(message.frame)
      case "Invalid":
        this.#ref.rejected(message.id, message.error)
        if (++this.#invalidInARow >= this.#services.settings.maxInvalidFrames) {
          this.#close(CloseCode.TooManyInvalidFrames)
        }
        return
      case "Registered":
      case "CatchUp":
        if (this.#held === undefined) return this.#startCatchUp()
        this.#held = "overflowed"
        return
      case "CaughtUp":
        return this.#caughtUp(message.sent)
      case "HeartbeatDue":
        return this.#heartbeat()
      case "Taken":
        return this.#taken()
      case "Close":
        return this.#close(message.code)
    }
  }

  #request(frame: ClientFrame): Effect.Effect<void> | void {
    const { persistence, server, store } = this.#services
    const ref = this.#ref
    switch (frame.type) {
      case "chat_message":
      case "edit_message":
      case "delete_message":
      case "react": {
        const recipient = recipientOf(frame, ref.user)
        if (typeof recipient !== "string") return ref.rejected(frame.id, recipient)
        return server.tell({ _tag: "UserChat", sender: ref.user, recipient, command: frame, origin: ref })
      }
      case "received":
      case "read": {
        const move = moveOf(frame, ref)
        if ("code" in move) return ref.rejected(frame.id, move)
        if ((this.#unconfirmed?.get(frame.conversation) ?? Infinity) <= frame.up_to) {
          this.#unconfirmed!.delete(frame.conversation)
        }
        const { id } = frame
        persistence.move(
          move,
          id === undefined ? ref : { accepted: () => {}, rejected: (_, error) => ref.rejected(id, error) }
        )
        return
      }
      case "ping":
        return this.#gather(new Outbound({ type: "pong", ...(frame.id === undefined ? undefined : { id: frame.id }) }))
      case "history":
      case "conversations":
        return Effect.map(answer(frame, ref, store), (reply) => this.#gather(reply))
    }
  }

  #push(frame: Outbound): void {
    const { conversation, seq } = frame
    if (conversation === undefined) return this.#gather(frame)
    if (this.#held === "overflowed") return
    if (this.#held !== undefined) {
      this.#heldBytes += frame.wire.length
      if (this.#heldBytes > maxHeldBytes) this.#held = "overflowed"
      else this.#held.push(frame)
      return
    }
    if (seq <= (this.#sent.get(conversation) ?? 0)) return
    this.#gather(frame)
    this.#pushed(conversation, seq)
  }

  #pushed(conversation: ConversationId, seq: number): void {
    if (this.#ref.level === "v1") (this.#unconfirmed ??= new Map()).set(conversation, seq)
    else (this.#untaken ??= new Map()).set(conversation, seq)
  }

  #gather(frame: Outbound): void {
    this.#out.push(frame)
    this.#outBytes += frame.wire.length
  }

  #write(): void {
    if (this.#out.length > 0) {
      this.#ref.connection.write(this.#out)
      this.#out = []
      this.#outBytes = 0
      if (this.#ref.isSlow()) {
        this.#closed = true
        this.#ref.connection.terminate(CloseCode.SlowReader)
      }
    }
    if (this.#untaken !== undefined && !this.#closed) {
      if (this.#ref.connection.buffered() === 0) this.#taken()
      else if (!this.#waitingForTaken) {
        this.#waitingForTaken = true
        this.#ref.connection.whenTaken(() => this.#ref.tell(Taken))
      }
    }
  }

  /** A plain client confirms nothing: what the socket has taken counts as received. */
  #taken(): void {
    this.#waitingForTaken = false
    const untaken = this.#untaken
    if (untaken === undefined) return
    this.#untaken = undefined
    const { device, user } = this.#ref
    for (const [conversation, upTo] of untaken) {
      this.#services.persistence.move({ kind: "received", user, device, conversation, upTo }, this.#ref)
    }
  }

  /** Live frames are held from here on, before the store is read, so that none falls between the two (P5). */
  #startCatchUp(): Effect.Effect<void> {
    this.#held = []
    this.#heldBytes = 0
    return catchUp(this.#services.store, this.#ref, this.#sent, (conversation, seq) => this.#pushed(conversation, seq))
      .pipe(
        Effect.retry(retryCatchUp),
        Effect.map((sent) => this.#ref.tell({ _tag: "CaughtUp", sent })),
        Effect.ignore,
        Effect.forkChild,
        Effect.asVoid
      )
  }

  #caughtUp(sent: ReadonlyMap<ConversationId, number>): Effect.Effect<void> | void {
    this.#sent = sent
    const held = this.#held
    if (held === "overflowed") return this.#startCatchUp()
    this.#held = undefined
    for (const frame of held ?? []) this.#push(frame)
    return
  }

  #heartbeat(): void {
    if (this.#ref.level === "plain") return
    const heads = this.#unconfirmed?.size ? { heads: Object.fromEntries(this.#unconfirmed) } : undefined
    this.#gather(new Outbound({ type: "ping", ...heads }))
  }

  #close(code: CloseCode.CloseCode): void {
    this.#write()
    this.#closed = true
    this.#ref.connection.close(code)
  }
}
