/** What the PersistenceActor is told. */
import { Effect } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { Note } from "../cluster/Note.ts"
import type { Audience } from "../session/Audience.ts"
import type { Requester } from "../session/Requester.ts"
import type { Append } from "../storage/MessageStore.ts"
import { refuseAppend } from "./commitWords.ts"
import type { CursorSource } from "./Cursors.ts"

/** One append on its way: what to keep, who asked, and who is to hear of it. */
export interface AppendRequest {
  readonly append: Append
  readonly requester: Requester
  readonly audience: Audience
  /** They hear of this entry, and of none after it: who was taken out of a group, or left. */
  readonly removed?: ReadonlyArray<UserId>
  /** When the frame was read that asked for it, if it was one. */
  readonly readAt?: number | undefined
}

/** Something for other servers, which goes into the journal with the next commit. */
export interface NoteRequest {
  readonly _tag: "Note"
  readonly note: Note
  readonly done: (answer: Effect.Effect<void, ChatError>) => void
}

/** What this connection has confirmed is written now, and somebody waits for it. */
export interface SettleRequest {
  readonly _tag: "Settle"
  readonly source: CursorSource
  readonly done: (answer: Effect.Effect<void, ChatError>) => void
}

export type Message =
  | AppendRequest
  | NoteRequest
  | SettleRequest
  | { readonly _tag: "MovesDue" }
  | { readonly _tag: "Flush"; readonly done: () => void }

export const MovesDue: Message = { _tag: "MovesDue" }

/** The store is closed. */
export const refuse = (message: Message): void => {
  if (isAppend(message)) {
    refuseAppend(message, Errors.stopping())
  } else if (message._tag === "Flush") {
    message.done()
  } else if (message._tag === "Note" || message._tag === "Settle") {
    message.done(Effect.fail(Errors.stopping()))
  }
}

export const isNote = (message: Message): message is NoteRequest => "_tag" in message && message._tag === "Note"

export const isSettle = (message: Message): message is SettleRequest => "_tag" in message && message._tag === "Settle"

export const isAppend = (message: Message): message is AppendRequest => "append" in message
