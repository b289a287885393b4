/** What the server says: one JSON object per text frame, told apart by `type`. Frames may gain fields. */
import { Schema } from "effect"
import { Entry, GroupChange } from "./Entry.ts"
import { ErrorCode } from "./Errors.ts"
import {
  ClientId,
  ConversationId,
  DeviceId,
  GroupId,
  MessageId,
  Position,
  Seq,
  SessionId,
  Timestamp,
  UserId
} from "./Ids.ts"

const id = Schema.optionalKey(ClientId)
/** Which place in which log a pushed frame tells of, and who put it there. */
const logged = { sender: UserId, conversation: ConversationId, seq: Seq, message_id: MessageId, at: Timestamp }

/** What a committed entry survives: a power cut (`disk`), what the database survives (`database`), nothing (`memory`). */
export const Durability = Schema.Literals(["disk", "database", "memory"])
export type Durability = typeof Durability.Type

export const Limits = Schema.Struct({
  frame_bytes: Schema.Int,
  text_bytes: Schema.Int,
  page: Schema.Int,
  rate_per_second: Schema.Int
})

export const Welcome = Schema.Struct({
  type: Schema.Literal("welcome"),
  session: SessionId,
  user: UserId,
  device: DeviceId,
  server_time: Timestamp,
  heartbeat_ms: Schema.Int,
  durability: Durability,
  limits: Limits
})
export type Welcome = typeof Welcome.Type

export const IncomingMessage = Schema.Struct({
  type: Schema.Literal("incoming_message"),
  ...logged,
  text: Schema.String,
  group: Schema.optionalKey(GroupId),
  reply_to: Schema.optionalKey(Seq),
  edited_at: Schema.optionalKey(Timestamp),
  /** The text was deleted since; `text` is empty. Pushed only to keep the log without gaps. */
  deleted: Schema.optionalKey(Schema.Literal(true))
})
export type IncomingMessage = typeof IncomingMessage.Type

export const MessageEdited = Schema.Struct({
  type: Schema.Literal("message_edited"),
  ...logged,
  target: Seq,
  text: Schema.optionalKey(Schema.String)
})
export type MessageEdited = typeof MessageEdited.Type

export const MessageDeleted = Schema.Struct({ type: Schema.Literal("message_deleted"), ...logged, target: Seq })
export type MessageDeleted = typeof MessageDeleted.Type

export const Reaction = Schema.Struct({
  type: Schema.Literal("reaction"),
  ...logged,
  target: Seq,
  emoji: Schema.String,
  remove: Schema.optionalKey(Schema.Literal(true))
})
export type Reaction = typeof Reaction.Type

export const GroupChanged = Schema.Struct({
  type: Schema.Literal("group_changed"),
  group: GroupId,
  conversation: ConversationId,
  seq: Seq,
  by: UserId,
  at: Timestamp,
  change: GroupChange
})
export type GroupChanged = typeof GroupChanged.Type

/** Sent only after the commit (P1). */
export const MessageAccepted = Schema.Struct({
  type: Schema.Literal("message_accepted"),
  id: ClientId,
  conversation: ConversationId,
  seq: Seq,
  message_id: MessageId,
  at: Timestamp,
  duplicate: Schema.optionalKey(Schema.Literal(true))
})
export type MessageAccepted = typeof MessageAccepted.Type

export const HistoryPage = Schema.Struct({
  type: Schema.Literal("history_page"),
  id,
  conversation: ConversationId,
  messages: Schema.Array(Entry),
  has_more: Schema.Boolean,
  first_seq: Position,
  head_seq: Position
})
export type HistoryPage = typeof HistoryPage.Type

export const ConversationSummary = Schema.Struct({
  conversation: ConversationId,
  kind: Schema.Literals(["direct", "group"]),
  peer: Schema.optionalKey(UserId),
  group: Schema.optionalKey(GroupId),
  name: Schema.optionalKey(Schema.String),
  head_seq: Position,
  received: Position,
  read: Position,
  unread: Schema.Int,
  peer_delivered: Schema.optionalKey(Position),
  peer_read: Schema.optionalKey(Position)
})
export type ConversationSummary = typeof ConversationSummary.Type

export const ConversationList = Schema.Struct({
  type: Schema.Literal("conversation_list"),
  id,
  conversations: Schema.Array(ConversationSummary),
  has_more: Schema.Boolean
})
export type ConversationList = typeof ConversationList.Type

/** How far a user has come in a conversation; cumulative, never goes back. */
export const Receipt = Schema.Struct({
  type: Schema.Literal("receipt"),
  conversation: ConversationId,
  user: UserId,
  delivered: Position,
  read: Position
})
export type Receipt = typeof Receipt.Type

export const ErrorFrame = Schema.Struct({
  type: Schema.Literal("error"),
  id,
  code: ErrorCode,
  message: Schema.String,
  temporary: Schema.Boolean,
  retry_after_ms: Schema.optionalKey(Schema.Int)
})
export type ErrorFrame = typeof ErrorFrame.Type

export const Pong = Schema.Struct({ type: Schema.Literal("pong"), id })
export type Pong = typeof Pong.Type

/** The server's heartbeat. `heads` names the last `seq` of each conversation that this device has not confirmed. */
export const ServerPing = Schema.Struct({
  type: Schema.Literal("ping"),
  heads: Schema.optionalKey(Schema.Record(ConversationId, Seq))
})
export type ServerPing = typeof ServerPing.Type

export const Draining = Schema.Struct({ type: Schema.Literal("draining"), reconnect_after_ms: Schema.Int })
export type Draining = typeof Draining.Type

export const serverFrames = {
  welcome: Welcome,
  incoming_message: IncomingMessage,
  message_edited: MessageEdited,
  message_deleted: MessageDeleted,
  reaction: Reaction,
  group_changed: GroupChanged,
  message_accepted: MessageAccepted,
  history_page: HistoryPage,
  conversation_list: ConversationList,
  receipt: Receipt,
  error: ErrorFrame,
  pong: Pong,
  ping: ServerPing,
  draining: Draining
} as const

export const ServerFrame = Schema.Union(Object.values(serverFrames))
export type ServerFrame = typeof ServerFrame.Type
