/** A connection as others know it. What it keeps is its own: nobody else reads or changes more than this. */
import type { Effect } from "effect"
import type { CloseCode } from "../../domain/CloseCode.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, DeviceId, SessionId, UserId } from "../../domain/Ids.ts"
import type { Connection } from "./Connection.ts"
import type { EncodedFrame } from "./EncodedFrame.ts"
import type { UserMessage } from "./UserMessage.ts"

/** `plain` is the original frames; `v1` is the subprotocol `switchboard.v1`. */
export type Level = "plain" | "v1"

/** Where a client came from, and when. */
export interface Origin {
  /** As limits count it. */
  readonly address: string
  /** Milliseconds since the epoch. */
  readonly connectedAt: number
  /** Of a named device, where there are several servers: the store's count of those that came. */
  readonly order?: number | undefined
}

/** None of these functions waits or throws. */
export interface Session {
  readonly user: UserId
  readonly device: DeviceId
  /** Whether the client named its device; only then does a newer connection of it replace this one. */
  readonly named: boolean
  /** Its own id, of which there is no other. */
  readonly session: SessionId
  readonly level: Level
  readonly origin: Origin
  /** Says how much its client has not taken. */
  readonly connection: Pick<Connection, "buffered">
  /** Names the token that it came in with, for a ban of it. */
  readonly tokenId: string | undefined
  /** Writes what its client has confirmed, as far as it is not written yet. */
  readonly settleCursors: () => Effect.Effect<void, ChatError>
  /** Whether the connection is gone. */
  readonly hasLeft: boolean
  /** So much waits for its client that what is never stored need not be told now. */
  readonly isSlow: boolean
  /** Whether its user was erased: nothing is to be remembered of it. */
  readonly isErased: boolean
  /** Whether this user has the other blocked now. */
  readonly hasBlocked: (user: UserId) => boolean
  /** Whether this user's blocks keep the entry from it. */
  readonly withholds: (entry: Pick<Entry, "at" | "sender">) => boolean
  /** A frame for the client, written by the next `flush`. Frames reach it in the order in which they are pushed. */
  readonly push: (frame: EncodedFrame) => void
  /** This user is in the group from this entry on, which they may hear next. */
  readonly enters: (group: ConversationId, seq: number) => void
  /** This user is out of the group: the last frame of it, which plain clients do not get. */
  readonly pushRemoval: (frame: EncodedFrame) => void
  readonly flush: () => void
  /**
   * Something may have been missed: the store is read again. From this moment on what is delivered waits for it, so that
   * nothing overtakes what was missed (P4).
   */
  readonly readAgain: () => void
  /** A message for the actor. */
  readonly tell: (message: UserMessage) => void
  /** One of its frames has cost more than it said. */
  readonly charge: (cost: number) => void
  /** A frame of its client came to nothing. */
  readonly rejected: (id: string | undefined, error: ChatError) => void
  /** What one of its frames asked for is done with. */
  readonly settled: () => void
  /** Ends the connection at once, without waiting for the actor. */
  readonly closeNow: (code: CloseCode) => void
  /** Its user was erased. */
  readonly erase: () => void
  /** Says why if it can, and is gone at once. */
  readonly terminate: (code: CloseCode) => void
}
