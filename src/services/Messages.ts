/** What the actors say to each other. State is shared in no other way. */
import type { ChatMessage, DeleteMessage, EditMessage, React } from "../domain/ClientFrame.ts"
import type { CloseCode } from "../domain/CloseCode.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { Decoded } from "../domain/FrameCodec.ts"
import type { ConversationId, UserId } from "../domain/Ids.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import type { UserRef } from "./UserRef.ts"

/** To a `UserActor`: a frame from its client, or news of the server. What is for its client goes to its outbox. */
export type UserMessage =
  | Decoded
  /** The ServerActor has the user on its list: what is committed from now on is delivered here. */
  | { readonly _tag: "Registered" }
  /** Something may have been missed; read the store again. */
  | { readonly _tag: "CatchUp" }
  /** A pass over the store has ended; `sent` is how far it came in each conversation. */
  | { readonly _tag: "CaughtUp"; readonly sent: ReadonlyMap<ConversationId, number> }
  | { readonly _tag: "HeartbeatDue" }
  | { readonly _tag: "Close"; readonly code: CloseCode }

export const Registered: UserMessage = { _tag: "Registered" }
export const CatchUp: UserMessage = { _tag: "CatchUp" }
export const HeartbeatDue: UserMessage = { _tag: "HeartbeatDue" }

/** Who asked for something to be kept, and learns what became of it. No function may wait or throw. */
export interface Origin {
  readonly accepted: (frame: MessageAccepted) => void
  readonly rejected: (id: string | undefined, error: ChatError) => void
  /** The batch that told it things has ended. */
  readonly flush: () => void
}

/** A client frame that adds an entry to a conversation's log. */
export type ChatCommand = ChatMessage | EditMessage | DeleteMessage | React

/** To the `ServerActor`. */
export type ServerMessage =
  | { readonly _tag: "RegisterUser"; readonly ref: UserRef }
  | { readonly _tag: "UnregisterUser"; readonly ref: UserRef }
  /** `sender` says something in a direct conversation with `recipient`. */
  | {
    readonly _tag: "UserChat"
    readonly sender: UserId
    readonly recipient: UserId
    readonly conversation: ConversationId
    readonly command: ChatCommand
    readonly origin: Origin
  }
  /** Answers once everything told before it has been committed and delivered. */
  | { readonly _tag: "Flush"; readonly done: () => void }
