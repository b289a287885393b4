/** What the server says: one JSON object per text frame, told apart by `type`. Frames may gain fields. */
import { Schema } from "effect"
import { id } from "./entries/fields.ts"
import { GroupEntry, GroupHistory, Member } from "./entries/Group.ts"
import { Entry, entryPushes } from "./entries/index.ts"
import { TextEntry } from "./entries/Text.ts"
import { ErrorCode } from "./Errors.ts"
import { answerFrames } from "./frames/index.ts"
import { MessageReported } from "./frames/Moderation.ts"
import { preferences } from "./frames/Preferences.ts"
import {
  ClientId,
  ConversationId,
  DeviceId,
  FileId,
  GroupId,
  MessageId,
  Position,
  Seq,
  SessionId,
  Timestamp,
  UserId
} from "./Ids.ts"

export { MessageDeleted } from "./entries/Delete.ts"
export { MessageEdited } from "./entries/Edit.ts"
export { GroupChanged } from "./entries/Group.ts"
export { Reaction } from "./entries/Reaction.ts"
export { IncomingMessage } from "./entries/Text.ts"
export { type InviteInfo, type InviteList, type MessageReported, type Reported } from "./frames/Moderation.ts"
export { type ProfileList, type ProfilePush, type UsersFound } from "./frames/People.ts"
export { type ConversationSettings, type Muted, type OwnSettings } from "./frames/Preferences.ts"
export { type PushSubscriptions } from "./frames/Push.ts"

/** What a committed entry survives: a power cut (`disk`), what the database survives (`database`), nothing (`memory`). */
export const Durability = Schema.Literals(["disk", "database", "memory"])
export type Durability = typeof Durability.Type

/** What the server allows. 0 is no limit. */
export const Limits = Schema.Struct({
  frame_bytes: Schema.Int,
  text_bytes: Schema.Int,
  page: Schema.Int,
  /** Frames of one connection, of all connections of one user, and of one address. */
  rate_per_second: Schema.Int,
  user_rate_per_second: Schema.Int,
  address_rate_per_second: Schema.Int,
  connections_per_user: Schema.Int,
  connections_per_address: Schema.Int,
  connections_per_second: Schema.Int,
  /** Bytes that may wait for a slow connection. */
  outbound_bytes: Schema.Int,
  group_members: Schema.Int,
  presence_subscriptions: Schema.Int,
  /** Of a file that is uploaded, and of all files of a user. */
  file_bytes: Schema.Int,
  file_bytes_per_user: Schema.Int
})

export const Welcome = Schema.Struct({
  type: Schema.Literal("welcome"),
  session: SessionId,
  user: UserId,
  device: DeviceId,
  server_time: Timestamp,
  heartbeat_ms: Schema.Int,
  durability: Durability,
  limits: Limits,
  /** Who can be found with `find_users`: those with whom one shares a conversation, or all. Missing where nobody can. */
  directory: Schema.optionalKey(Schema.Literals(["members", "all"])),
  /** There is Web Push. */
  push: Schema.optionalKey(Schema.Literal(true))
})
export type Welcome = typeof Welcome.Type

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
  /** Of the group, or as the other user is shown, where that is known. */
  name: Schema.optionalKey(Schema.String),
  /** Of a group: the file of its picture. */
  avatar: Schema.optionalKey(FileId),
  /** A picture of the group or of the other user, as in `profile`. */
  avatar_url: Schema.optionalKey(Schema.String),
  head_seq: Position,
  received: Position,
  read: Position,
  unread: Schema.Int,
  /** Unread texts that mention the user. */
  mentions: Schema.optionalKey(Schema.Int),
  ...preferences,
  peer_delivered: Schema.optionalKey(Position),
  peer_read: Schema.optionalKey(Position),
  /** With `order: "recent"`: the last text or change of the group, as `history` shows it, and when that was. */
  last_at: Schema.optionalKey(Timestamp),
  last_message: Schema.optionalKey(Schema.Union([TextEntry, GroupEntry]))
})
export type ConversationSummary = typeof ConversationSummary.Type

export const ConversationList = Schema.Struct({
  type: Schema.Literal("conversation_list"),
  id,
  conversations: Schema.Array(ConversationSummary),
  has_more: Schema.Boolean,
  /** With `order: "recent"`, where the next page begins. */
  cursor: Schema.optionalKey(Schema.String)
})
export type ConversationList = typeof ConversationList.Type

/** Where a text has what was looked for: UTF-16 offsets, the end not included. */
const FoundRange = Schema.Tuple([Schema.Int, Schema.Int])

/** A text that was found. `ranges` are empty where it was found by something else, such as the name of a file. */
export const SearchHit = Schema.Struct({
  conversation: ConversationId,
  ...TextEntry.fields,
  ranges: Schema.Array(FoundRange)
})
export type SearchHit = typeof SearchHit.Type

/** The newest first. With a `cursor` there may be more, also where there are few hits, or none. */
export const SearchResult = Schema.Struct({
  type: Schema.Literal("search_result"),
  id,
  hits: Schema.Array(SearchHit),
  cursor: Schema.optionalKey(Schema.String)
})
export type SearchResult = typeof SearchResult.Type

/** How far a user has come in a conversation; cumulative, never goes back. */
export const Receipt = Schema.Struct({
  type: Schema.Literal("receipt"),
  conversation: ConversationId,
  user: UserId,
  delivered: Position,
  read: Position
})
export type Receipt = typeof Receipt.Type

/** The answer to `receipts`: where each member stands. */
export const ReceiptList = Schema.Struct({
  type: Schema.Literal("receipt_list"),
  id,
  conversation: ConversationId,
  receipts: Schema.Array(Schema.Struct({ user: UserId, delivered: Position, read: Position }))
})
export type ReceiptList = typeof ReceiptList.Type

export const GroupInfo = Schema.Struct({
  type: Schema.Literal("group_info"),
  id,
  group: GroupId,
  conversation: ConversationId,
  name: Schema.String,
  members: Schema.Array(Schema.Struct({
    ...Member.fields,
    /** As they are shown, where that is known. */
    name: Schema.optionalKey(Schema.String),
    avatar_url: Schema.optionalKey(Schema.String)
  })),
  head_seq: Position,
  history: GroupHistory,
  description: Schema.optionalKey(Schema.String),
  avatar: Schema.optionalKey(FileId),
  avatar_url: Schema.optionalKey(Schema.String),
  /** Only owners and admins see it. */
  banned: Schema.optionalKey(Schema.Array(Schema.Struct({
    user: UserId,
    reason: Schema.optionalKey(Schema.String)
  })))
})
export type GroupInfo = typeof GroupInfo.Type

/** `last_seen` is when a user who is offline was here last, as far as it is known. */
export const Presence = Schema.Struct({
  type: Schema.Literal("presence"),
  user: UserId,
  status: Schema.Literals(["online", "offline"]),
  last_seen: Schema.optionalKey(Timestamp)
})
export type Presence = typeof Presence.Type

export const TypingPush = Schema.Struct({
  type: Schema.Literal("typing"),
  conversation: ConversationId,
  user: UserId,
  active: Schema.Boolean
})
export type TypingPush = typeof TypingPush.Type

export const BlockedUsers = Schema.Struct({ type: Schema.Literal("blocked_users"), id, users: Schema.Array(UserId) })
export type BlockedUsers = typeof BlockedUsers.Type

/** `expires_at` is missing when the credentials do not expire. */
export const Authenticated = Schema.Struct({
  type: Schema.Literal("authenticated"),
  id,
  expires_at: Schema.optionalKey(Timestamp)
})
export type Authenticated = typeof Authenticated.Type

/** The session ends with 4501 at `expires_at`, unless `refresh_auth` comes first. */
export const AuthExpiring = Schema.Struct({ type: Schema.Literal("auth_expiring"), expires_at: Timestamp })
export type AuthExpiring = typeof AuthExpiring.Type

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
  ...entryPushes,
  message_accepted: MessageAccepted,
  history_page: HistoryPage,
  conversation_list: ConversationList,
  search_result: SearchResult,
  receipt: Receipt,
  receipt_list: ReceiptList,
  group_info: GroupInfo,
  presence: Presence,
  typing: TypingPush,
  blocked_users: BlockedUsers,
  authenticated: Authenticated,
  auth_expiring: AuthExpiring,
  ...answerFrames,
  message_reported: MessageReported,
  error: ErrorFrame,
  pong: Pong,
  ping: ServerPing,
  draining: Draining
} as const

export const ServerFrame = Schema.Union(Object.values(serverFrames))
export type ServerFrame = typeof ServerFrame.Type
