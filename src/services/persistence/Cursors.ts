/**
 * The cursors that one connection wants to move. They gather here until they are collected. Of those that are surely
 * within the log the furthest says it all; what may be beyond its end is judged by the store, each by itself.
 */
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, DeviceId, SessionId, UserId } from "../../domain/Ids.ts"
import type { Connection, Ending } from "../session/Connection.ts"
import type { Level } from "../session/Session.ts"
import type { CursorMove } from "../storage/MessageStore.ts"

/** Whose cursors these are. */
export interface CursorOwner {
  readonly user: UserId
  readonly device: DeviceId
  readonly session: SessionId
  readonly level: Level
  readonly connection: Connection
  readonly hasLeft: boolean
  readonly rejected: (id: string | undefined, error: ChatError) => void
  /** One of its frames came to nothing, which costs as much as a frame. */
  readonly charge: (cost: number) => void
  readonly flush: () => void
  readonly hasBlocked: (user: UserId) => boolean
}

/** A move and where it came from. */
export interface MoveRequest {
  readonly move: CursorMove
  readonly source: CursorSource
  /** Who asked for it: a frame of the client, or the server because of what it pushed. */
  readonly asked: Asked | undefined
}

/** A client's frame; its `id` is for the answer if it is refused. */
interface Asked {
  readonly id: string | undefined
}

/** For the `PersistenceActor`: where to collect moves. */
export interface CursorSource {
  readonly ref: CursorOwner
  /** Whether its connection is gone. */
  readonly leaving: boolean
  /**
   * Hands over up to `most` of those that have gathered. Returns whether there are `more`, or some have to wait and
   * should be asked for `later`.
   */
  readonly drainMoves: (take: (request: MoveRequest) => void, most: number) => "done" | "later" | "more"
  /** The store did not take it; it is offered again later. */
  readonly restore: (request: MoveRequest) => void
  readonly moveRejected: (request: MoveRequest, error: ChatError) => void
}

/** As many may wait while the store is down. */
const maxWaiting = 10_000

/** Of as many conversations it is remembered how far the log surely goes; of others the store is asked. */
const maxKnown = 64

type Kind = CursorMove["kind"]

interface Step {
  readonly upTo: number
  readonly asked: Asked | undefined
}

/** The moves of one kind in one conversation. */
interface Waiting {
  /** The furthest that is surely within the log. */
  sure: Step | undefined
  /** Beyond it, and perhaps beyond the end of the log. */
  doubtful: Array<Step> | undefined
}

/** One, where the others follow from it; otherwise from the furthest on, so that only the first good one moves anything. */
const stepsOf = ({ doubtful, sure }: Waiting): ReadonlyArray<Step> => {
  if (doubtful === undefined) return sure === undefined ? [] : [sure]
  const steps = sure === undefined ? doubtful : [...doubtful.filter(({ upTo }) => upTo > sure.upTo), sure]
  return steps.toSorted((a, b) => b.upTo - a.upTo)
}

export class Cursors implements CursorSource {
  readonly ref: CursorOwner
  readonly #waiting: Readonly<Record<Kind, Map<ConversationId, Waiting>>> = { received: new Map(), read: new Map() }
  #doubtful = 0
  /** The youngest last. */
  readonly #known = new Map<ConversationId, number>()

  constructor(ref: CursorOwner) {
    this.ref = ref
  }

  get leaving(): boolean {
    return this.ref.hasLeft
  }

  /** The server knows that the client has it. */
  move(kind: Kind, conversation: ConversationId, upTo: number): void {
    this.#sure(kind, conversation, { upTo, asked: undefined })
  }

  /** The client says so. `pushed` is what it was sent of the conversation, as far as that is known. */
  ask({ conversation, id, kind, upTo }: AskedMove, pushed: number): void {
    const step: Step = { upTo, asked: { id } }
    const { read, received } = this.#waiting
    const waiting = Math.max(read.get(conversation)?.sure?.upTo ?? 0, received.get(conversation)?.sure?.upTo ?? 0)
    if (upTo <= Math.max(pushed, waiting, this.#known.get(conversation) ?? 0)) this.#sure(kind, conversation, step)
    else this.#doubt(kind, conversation, step)
  }

  drainMoves(take: (request: MoveRequest) => void, most: number): "done" | "later" | "more" {
    const { connection, level } = this.ref
    const { read, received } = this.#waiting
    const left = this.#takeFrom("read", take, most)
    // A plain client confirms nothing; once its connection has begun to end, how it ends decides.
    if (level === "plain" && !this.leaving && !connection.isWhole) {
      return read.size > 0 ? "more" : received.size > 0 ? "later" : "done"
    }
    this.#takeFrom("received", take, left)
    return read.size + received.size > 0 ? "more" : "done"
  }

  /**
   * The connection is gone. Where it broke, a plain client may not have read what its socket took last, so that was not
   * received. Returns whether some moves are left.
   */
  close(ending: Ending): boolean {
    const { read, received } = this.#waiting
    if (this.ref.level === "plain" && ending === "broken") received.clear()
    return received.size > 0 || read.size > 0
  }

  restore({ asked, move: { conversation, kind, upTo } }: MoveRequest): void {
    if (asked === undefined) this.move(kind, conversation, upTo)
    else this.#doubt(kind, conversation, { upTo, asked })
  }

  moveRejected({ asked }: MoveRequest, error: ChatError): void {
    if (asked === undefined) return
    this.ref.charge(1)
    this.ref.rejected(asked.id, error)
  }

  #sure(kind: Kind, conversation: ConversationId, step: Step): void {
    const waiting = this.#of(kind, conversation)
    if (waiting === undefined) return this.#refuse(step)
    if (waiting.sure === undefined || waiting.sure.upTo < step.upTo) waiting.sure = step
  }

  #doubt(kind: Kind, conversation: ConversationId, step: Step): void {
    const waiting = this.#doubtful < maxWaiting ? this.#of(kind, conversation) : undefined
    if (waiting === undefined) return this.#refuse(step)
    if (waiting.doubtful === undefined) waiting.doubtful = [step]
    else waiting.doubtful.push(step)
    this.#doubtful++
  }

  #of(kind: Kind, conversation: ConversationId): Waiting | undefined {
    const all = this.#waiting[kind]
    let waiting = all.get(conversation)
    if (waiting === undefined && all.size < maxWaiting) {
      waiting = { sure: undefined, doubtful: undefined }
      all.set(conversation, waiting)
    }
    return waiting
  }

  #know(conversation: ConversationId, upTo: number): void {
    const known = this.#known
    const before = known.get(conversation) ?? 0
    known.delete(conversation)
    known.set(conversation, Math.max(before, upTo))
    if (known.size <= maxKnown) return
    const [oldest] = known.keys()
    if (oldest !== undefined) known.delete(oldest)
  }

  /** The device is sent the same again, and a client may say it again. */
  #refuse({ asked }: Step): void {
    if (asked === undefined) return
    this.ref.rejected(asked.id, Errors.overloaded("Too many positions wait to be kept; send it again later.", 1_000))
  }

  /** Returns how many more may be taken. */
  #takeFrom(kind: Kind, take: (request: MoveRequest) => void, most: number): number {
    const { device, user } = this.ref
    const all = this.#waiting[kind]
    let left = most
    for (const [conversation, waiting] of all) {
      if (left <= 0) return left
      const steps = stepsOf(waiting)
      if (waiting.sure !== undefined) this.#know(conversation, waiting.sure.upTo)
      this.#doubtful -= waiting.doubtful?.length ?? 0
      waiting.sure = undefined
      waiting.doubtful = steps.length > left ? steps.slice(left) : undefined
      if (waiting.doubtful === undefined) all.delete(conversation)
      else this.#doubtful += waiting.doubtful.length
      for (const { asked, upTo } of waiting.doubtful === undefined ? steps : steps.slice(0, left)) {
        const move: CursorMove = kind === "read"
          ? { kind, user, conversation, upTo }
          : { kind, user, device, conversation, upTo }
        take({ move, source: this, asked })
      }
      left -= steps.length
    }
    return left
  }
}

/** A client's `received` or `read`. */
export interface AskedMove {
  readonly kind: Kind
  readonly conversation: ConversationId
  readonly upTo: number
  readonly id: string | undefined
}
