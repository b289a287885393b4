/** What a client may say: one JSON object per text frame, told apart by `type`. Unknown fields are ignored. */
import { Schema } from "effect"
import { ClientId, ConversationId, GroupId, Position, Seq, UserId } from "./Ids.ts"

const id = Schema.optionalKey(ClientId)

/** Exactly one of the three; `targetOf` checks it, so that two targets get a code of their own. */
const target = {
  recipient: Schema.optionalKey(UserId),
  group: Schema.optionalKey(GroupId),
  conversation: Schema.optionalKey(ConversationId)
}

/** Text that every store and every client can hold: not blank, well-formed Unicode, no NUL. */
export const MessageText = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((s: string) => s.trim().length > 0, { expected: "text that is not blank" }),
    Schema.makeFilter((s: string) => s.isWellFormed() && !s.includes("\0"), {
      expected: "well-formed text without NUL"
    })
  )
)

/** One emoji, as far as a server can tell: at most 32 UTF-16 units without white space. */
export const Emoji = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 32),
    Schema.makeFilter((s: string) => s.isWellFormed() && !/[\s\0]/u.test(s), { expected: "an emoji" })
  )
)

/** A page of history or of conversations has at most this many entries. */
export const maxPage = 100

const limit = Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: maxPage }))))

export const ChatMessage = Schema.Struct({
  type: Schema.Literal("chat_message"),
  id,
  ...target,
  text: MessageText,
  reply_to: Schema.optionalKey(Seq)
})
export type ChatMessage = typeof ChatMessage.Type

export const EditMessage = Schema.Struct({
  type: Schema.Literal("edit_message"),
  id,
  ...target,
  seq: Seq,
  text: MessageText
})
export type EditMessage = typeof EditMessage.Type

export const DeleteMessage = Schema.Struct({ type: Schema.Literal("delete_message"), id, ...target, seq: Seq })
export type DeleteMessage = typeof DeleteMessage.Type

export const React = Schema.Struct({
  type: Schema.Literal("react"),
  id,
  ...target,
  seq: Seq,
  emoji: Emoji,
  remove: Schema.optionalKey(Schema.Boolean)
})
export type React = typeof React.Type

export const Received = Schema.Struct({
  type: Schema.Literal("received"),
  id,
  conversation: ConversationId,
  up_to: Position
})
export type Received = typeof Received.Type

export const Read = Schema.Struct({ type: Schema.Literal("read"), id, conversation: ConversationId, up_to: Position })
export type Read = typeof Read.Type

export const History = Schema.Struct({
  type: Schema.Literal("history"),
  id,
  ...target,
  before: Schema.optionalKey(Seq),
  after: Schema.optionalKey(Position),
  limit
}).pipe(
  Schema.check(
    Schema.makeFilter(
      (frame: { readonly before?: number; readonly after?: number }) =>
        (frame.before === undefined) !== (frame.after === undefined),
      { expected: "exactly one of before and after" }
    )
  )
)
export type History = typeof History.Type

export const Conversations = Schema.Struct({
  type: Schema.Literal("conversations"),
  id,
  after: Schema.optionalKey(ConversationId),
  limit
})
export type Conversations = typeof Conversations.Type

export const Ping = Schema.Struct({ type: Schema.Literal("ping"), id })
export type Ping = typeof Ping.Type

/** The closed set of client frames; a `type` outside it is answered with `unknown_type`. */
export const clientFrames = {
  chat_message: ChatMessage,
  edit_message: EditMessage,
  delete_message: DeleteMessage,
  react: React,
  received: Received,
  read: Read,
  history: History,
  conversations: Conversations,
  ping: Ping
} as const

export const ClientFrame = Schema.Union(Object.values(clientFrames))
export type ClientFrame = typeof ClientFrame.Type

/** A frame that addresses a conversation. */
export interface Targeted {
  readonly recipient?: UserId
  readonly group?: GroupId
  readonly conversation?: ConversationId
}

/** How many of the three ways to address a conversation a frame uses; one is right. */
export const countTargets = (frame: Targeted): number =>
  (frame.recipient === undefined ? 0 : 1) + (frame.group === undefined ? 0 : 1) +
  (frame.conversation === undefined ? 0 : 1)
