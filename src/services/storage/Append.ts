/** What is asked of a commit, and what becomes of it. */
import type { NewEntry } from "../../domain/entries/index.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ClientId, ConversationId, DeviceId, Invite, MessageId, UserId } from "../../domain/Ids.ts"
import type { Position } from "./Position.ts"

/** Stamped by the server, never by a client (P8). */
export interface Stamped {
  readonly conversation: ConversationId
  readonly sender: UserId
  /** The sender's own key for this entry, unique per sender (P3); without it a retry cannot be recognised. */
  readonly clientId: ClientId | undefined
  readonly messageId: MessageId
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Why the sender may not begin a direct conversation now; it holds where there is none, and for no retry. */
  readonly mayNotBegin?: ChatError
  /** Why the group does not want this change now. It is asked all the same, because it may be a retry. */
  readonly refusal?: ChatError
  /** How many members a group may have. */
  readonly maxMembers?: number
  /** By which somebody joins a group: it has to be good, and is used once. Not a part of the entry. */
  readonly invite?: Invite
}

/** A new entry for a conversation's log. `target` is the `seq` of the text entry that it is about. */
export type Append = Stamped & NewEntry

/** What became of one append: its place in the log, the place of its first try, or a refusal that cost nothing. */
export type AppendResult =
  | {
    readonly _tag: "Accepted"
    readonly seq: number
    readonly messageId: MessageId
    readonly at: number
    readonly duplicate: boolean
    /** Of a fresh entry of a group: the group's version with this entry. */
    readonly version?: number
    /** Of a fresh text with files: what they are, as the entry keeps them. */
    readonly attachments?: string
    /** Of a fresh entry with a stamp: which commit with one wrote last in the conversation, if its epoch is still known. */
    readonly after?: Position
  }
  | { readonly _tag: "Rejected"; readonly error: ChatError }

/** A cursor that wants to move forward: a device's `received`, or a user's `read` (which implies delivered). */
export type CursorMove = {
  readonly user: UserId
  readonly conversation: ConversationId
  readonly upTo: number
} & ({ readonly kind: "received"; readonly device: DeviceId } | { readonly kind: "read" })

/** Where the user stands after a move. It has not `moved` where it was behind already and ends no mark: then no receipt is due. */
export type CursorResult =
  | {
    readonly _tag: "Moved"
    readonly moved: boolean
    readonly delivered: number
    readonly read: number
    /** How far others see that they have read, where that is less. */
    readonly shown?: number
    /** For others nothing has changed. */
    readonly isOwn?: true
    /** The other of a direct conversation was erased, and whoever has that name now is not in it. */
    readonly alone?: true
  }
  | { readonly _tag: "Rejected"; readonly error: ChatError }
