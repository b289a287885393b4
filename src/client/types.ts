/** What the client's user meets: targets, states, events, and how to get in. */
import type { Effect } from "effect"
import type { ChatCommand, ClientFrame } from "../domain/ClientFrame.ts"
import type { EntryPush } from "../domain/entries/index.ts"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { MessageAccepted, ServerFrame, Welcome } from "../domain/ServerFrame.ts"
import type { ClientError } from "./ClientError.ts"

/** Exactly one of the three. */
export type Target = { readonly recipient: string } | { readonly group: string } | { readonly conversation: string }

/** How the connection is at present. */
export type ClientState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Ready"; readonly welcome: Welcome }
  | { readonly _tag: "Reconnecting"; readonly attempt: number; readonly delayMillis: number; readonly reason: string }
  /** For good: left by `close`, or a close code or refusal that forbids coming back as one is. */
  | { readonly _tag: "Closed"; readonly reason: string; readonly code?: number }

/** A file of a message, as `upload` answered it, and what is known of the picture. Of these the others get what is theirs. */
export interface SentFile {
  readonly file: string
  readonly name?: string
  readonly type?: string
  readonly size?: number
  readonly width?: number
  readonly height?: number
  /** A thumbnail of at most 2 KiB, in base64. */
  readonly preview?: string
}

/** A message that was said here and has no answer yet. It survives reconnects and, with a durable outbox, restarts. */
export interface PendingMessage {
  readonly id: string
  readonly target: Target
  readonly text: string
  readonly replyTo?: number
  readonly attachments?: ReadonlyArray<SentFile>
  readonly mentions?: ReadonlyArray<string>
  readonly data?: JsonObject
  readonly at: number
}

/** A pushed entry of a conversation's log. */
export type LogEvent = EntryPush

/** A push that is never stored: the latest one counts. */
export type LiveEvent = Extract<
  ServerFrame,
  {
    readonly type:
      | "receipt"
      | "presence"
      | "typing"
      | "auth_expiring"
      | "profile"
      | "conversation_settings"
      | "settings"
      | "message_reported"
  }
>

/** What became of a message that was said here. */
export type OutboxEvent =
  | { readonly type: "pending"; readonly message: PendingMessage }
  | {
    readonly type: "accepted"
    readonly message: PendingMessage
    readonly accepted: MessageAccepted
    /** What the others are pushed. */
    readonly pushed: LogEvent
  }
  | { readonly type: "failed"; readonly message: PendingMessage; readonly code: string; readonly reason: string }

/** An edit, a delete or a reaction of this client was accepted; `pushed` is what the others get. */
export interface OwnEvent {
  readonly type: "own"
  readonly pushed: LogEvent
}

/**
 * What is pushed, each entry of a log exactly once and in order per conversation, and what became of what was said.
 *
 * An entry that this client made itself comes with its answer, as `accepted` or `own`. When that answer was lost with a
 * connection, the entry may be pushed before it is answered again, so whoever keeps a log keeps it by `seq`.
 */
export type ChatEvent = LogEvent | LiveEvent | OutboxEvent | OwnEvent

/** How to get in; asked anew for every attempt. A function that throws an error with `permanent: true` ends the client. */
export type Credentials =
  /** A header, so not in browsers. */
  | { readonly _tag: "PhoneNumber"; readonly user: string }
  /** Offered as the subprotocol `bearer.<token>`. */
  | { readonly _tag: "Token"; readonly token: () => Promise<string> | string }
  /** One use each, from `POST /v1/tickets`. */
  | { readonly _tag: "Ticket"; readonly ticket: () => Promise<string> | string }

/** The same frame without brands: callers have plain strings, and the server checks them. */
export type Plain<A> = A extends { readonly "~effect/Brand": unknown } ? string
  : A extends ReadonlyArray<infer B> ? ReadonlyArray<Plain<B>>
  : A extends object ? { readonly [K in keyof A]: Plain<A[K]> }
  : A

type Request = Exclude<ClientFrame, { readonly type: "received" | "read" | "typing" | `${string}subscribe_presence` }>

/** A client frame that has a direct answer. */
export type Ask = Plain<Request>

/** What adds an entry to a conversation's log. */
export type Command = Extract<Ask, { readonly type: ChatCommand["type"] }>

/** What a command comes back with: the server's answer, its refusal, or why the client cannot ask. */
export type Answer<A> = Effect.Effect<A, ChatError | ClientError>

/** Says it until it is answered. The type that it is called with is the only word on what answers the frame. */
export type AskFor = <A extends ServerFrame>(frame: Ask) => Answer<A>
