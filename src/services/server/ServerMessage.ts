/** What the `ServerActor` is told. */
import type { Effect, Exit } from "effect"
import type { ChatCommand, Typing as TypingFrame } from "../../domain/ClientFrame.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import type { GroupMessage } from "../group/GroupMessage.ts"
import type { Requester } from "../session/Requester.ts"
import type { Session } from "../session/Session.ts"

export type ServerMessage =
  | { readonly _tag: "RegisterUser"; readonly ref: Session }
  | { readonly _tag: "UnregisterUser"; readonly ref: Session }
  /** `sender` says something in a direct conversation with `recipient`. */
  | {
    readonly _tag: "UserChat"
    readonly sender: UserId
    readonly recipient: UserId
    readonly conversation: ConversationId
    readonly command: ChatCommand
    readonly requester: Requester
    /** When the frame was read that says it, if it is one. */
    readonly readAt?: number | undefined
    /** The app itself may let its users begin as many conversations as it likes. */
    readonly byApp?: true
  }
  /** Anything for a group. */
  | { readonly _tag: "Group"; readonly group: GroupId; readonly message: GroupMessage }
  /** Somebody types, to `recipient` or in `group`. */
  | {
    readonly _tag: "Typing"
    readonly ref: Session
    readonly to: { readonly recipient: UserId } | { readonly group: GroupId }
    readonly conversation: ConversationId
    readonly frame: TypingFrame
  }
  /**
   * `by` does not want to hear `user` any more, or does again, or may do so, because nobody knows what the store has. `done`
   * hears what became of the first attempt to tell it to all servers for certain, `settled` when there is none any more.
   */
  | {
    readonly _tag: "Blocked"
    readonly by: UserId
    readonly user: UserId
    readonly on: boolean
    readonly done: (told: Effect.Effect<void, ChatError>) => void
    readonly settled: () => void
  }
  /** Ends the connections of those who match; `done` is told how many. In the mailbox, so that nobody registers past it. */
  | {
    readonly _tag: "Kick"
    readonly matches: (ref: Session) => boolean
    /** What `matches` throws is its caller's. */
    readonly done: (count: Exit.Exit<number>) => void
  }
  /** Answers once everything told before it has been committed and delivered. */
  | { readonly _tag: "Flush"; readonly done: () => void }
