/** What the `ServerActor` is told. */
import type { ChatMessage, DeleteMessage, EditMessage, React } from "../domain/ClientFrame.ts"
import type { ConversationId, UserId } from "../domain/Ids.ts"
import type { Origin } from "./UserMessage.ts"
import type { UserRef } from "./UserRef.ts"

/** A client frame that adds an entry to a conversation's log. */
export type ChatCommand = ChatMessage | EditMessage | DeleteMessage | React

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
  /** Ends the connections of those who match; `done` is told how many. In the mailbox, so that nobody registers past it. */
  | {
    readonly _tag: "Kick"
    readonly matches: (ref: UserRef) => boolean
    readonly done: (count: number) => void
  }
  /** Answers once everything told before it has been committed and delivered. */
  | { readonly _tag: "Flush"; readonly done: () => void }
