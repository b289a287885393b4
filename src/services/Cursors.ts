/** The cursors that one connection wants to move. They gather here, the furthest of each, until they are collected. */
import type { ChatError } from "../domain/Errors.ts"
import type { ConversationId, DeviceId, UserId } from "../domain/Ids.ts"
import type { Connection, Ending } from "./Connection.ts"
import type { CursorMove } from "./storage/MessageStore.ts"

/** Whose cursors these are. */
export interface CursorOwner {
  readonly user: UserId
  readonly device: DeviceId
  readonly level: "plain" | "v1"
  readonly connection: Connection
  readonly hasLeft: boolean
  readonly rejected: (id: string | undefined, error: ChatError) => void
  readonly flush: () => void
  readonly hasBlocked: (user: UserId) => boolean
}

/** For the `PersistenceActor`: where to collect moves. */
export interface MoveSource {
  readonly ref: CursorOwner
  /** Whether its connection is gone. */
  readonly leaving: boolean
  /** Hands over all that have gathered; false when some have to wait and should be asked for again. */
  readonly takeMoves: (take: (move: CursorMove) => void) => boolean
  /** The store did not take it; it is offered again later, unless a further one has come. */
  readonly restore: (move: CursorMove) => void
  readonly moveRejected: (move: CursorMove, error: ChatError) => void
}

/** As many conversations may wait while the store is down; then new ones are dropped, and those are sent again. */
const maxWaiting = 10_000

type Kind = CursorMove["kind"]

export class Cursors implements MoveSource {
  readonly ref: CursorOwner
  readonly #waiting: Readonly<Record<Kind, Map<ConversationId, number>>> = { received: new Map(), read: new Map() }
  /** The `id` of the frame that asked last, for the answer if it is refused. */
  readonly #ids = new Map<ConversationId, string>()

  constructor(ref: CursorOwner) {
    this.ref = ref
  }

  get leaving(): boolean {
    return this.ref.hasLeft
  }

  move(kind: Kind, conversation: ConversationId, upTo: number, id?: string): void {
    const waiting = this.#waiting[kind]
    const before = waiting.get(conversation)
    if (before === undefined ? waiting.size >= maxWaiting : before >= upTo) return
    waiting.set(conversation, upTo)
    if (id !== undefined) this.#ids.set(conversation, id)
  }

  takeMoves(take: (move: CursorMove) => void): boolean {
    const { connection, device, level, user } = this.ref
    const { read, received } = this.#waiting
    for (const [conversation, upTo] of read) take({ kind: "read", user, conversation, upTo })
    read.clear()
    // A plain client confirms nothing; once its connection has begun to end, how it ends decides.
    if (level === "plain" && !this.leaving && !connection.isWhole) return received.size === 0
    for (const [conversation, upTo] of received) take({ kind: "received", user, device, conversation, upTo })
    received.clear()
    return true
  }

  /**
   * The connection is gone. Where it broke, a plain client may not have read what its socket took last, so that was not
   * received. Answers whether some moves are left.
   */
  close(ending: Ending): boolean {
    if (this.ref.level === "plain" && ending === "broken") this.#waiting.received.clear()
    return this.#waiting.received.size > 0 || this.#waiting.read.size > 0
  }

  restore({ conversation, kind, upTo }: CursorMove): void {
    this.move(kind, conversation, upTo)
  }

  moveRejected({ conversation, kind }: CursorMove, error: ChatError): void {
    const id = this.#ids.get(conversation)
    // Nobody asked for it: a plain client is out of the group by now.
    if (this.ref.level === "plain" && kind === "received" && id === undefined) return
    this.ref.rejected(id, error)
    this.#ids.delete(conversation)
  }
}
