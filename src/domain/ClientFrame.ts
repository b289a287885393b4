/** What a client may say: one JSON object per text frame, told apart by `type`. Unknown fields are ignored. */
import { Schema } from "effect"
import { id, target } from "./entries/fields.ts"
import { entryCommands } from "./entries/index.ts"
import { requestFrames } from "./frames/index.ts"
import { Join } from "./frames/Moderation.ts"
import { ConversationId, GroupId, Position, Timestamp, UserId } from "./Ids.ts"
import { tokenLength } from "./Limit.ts"
import { ListCursor } from "./ListCursor.ts"
import { maxQuery } from "./search/query.ts"
import { SearchCursor } from "./search/SearchCursor.ts"

export { DeleteMessage } from "./entries/Delete.ts"
export { EditMessage } from "./entries/Edit.ts"
export { MessageText } from "./entries/fields.ts"
export {
  AddMembers,
  BanMembers,
  CreateGroup,
  GroupName,
  LeaveGroup,
  maxUsers,
  RemoveMembers,
  RenameGroup,
  SetGroup,
  SetRole,
  UnbanMembers
} from "./entries/Group.ts"
export { type ChatCommand, type GroupCommand } from "./entries/index.ts"
export { Emoji, React } from "./entries/Reaction.ts"
export { ChatMessage } from "./entries/Text.ts"
export { type Request, type RequestOf, type RequestType } from "./frames/index.ts"
export { Join } from "./frames/Moderation.ts"

/** A page of history or of conversations has at most this many entries. */
export const maxPage = 100

/** An end of a page of history. Any number that JSON can hold is good: what is beyond the log is its end. */
const Edge = (minimum: 0 | 1) =>
  Schema.Finite.pipe(Schema.check(Schema.makeFilter((n: number) => n >= minimum && Number.isInteger(n), {
    expected: `a whole number from ${minimum} on`
  })))

const limit = Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: maxPage }))))

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
  before: Schema.optionalKey(Edge(1)),
  after: Schema.optionalKey(Edge(0)),
  limit
}).pipe(
  Schema.check(
    Schema.makeFilter(
      (frame: { readonly before?: number; readonly after?: number }) =>
        (frame.before === undefined) !== (frame.after === undefined),
      {
        expected: "exactly one of before and after",
        toJsonSchema: () => ({ oneOf: [{ required: ["before"] }, { required: ["after"] }] })
      }
    )
  )
)
export type History = typeof History.Type

/** By name after `after`, or the latest first, from where the `cursor` of an answer says. */
export const Conversations = Schema.Struct({
  type: Schema.Literal("conversations"),
  id,
  order: Schema.optionalKey(Schema.Literal("recent")),
  after: Schema.optionalKey(ConversationId),
  cursor: Schema.optionalKey(ListCursor),
  limit
}).pipe(
  Schema.check(
    Schema.makeFilter(
      (frame: { readonly order?: "recent"; readonly after?: string; readonly cursor?: string }) =>
        frame.order === undefined ? frame.cursor === undefined : frame.after === undefined,
      { expected: "after without an order, or a cursor with one" }
    )
  )
)
export type Conversations = typeof Conversations.Type

/**
 * Looks for words in what the asker may read, the newest first: in all conversations, or in the one that is named. Without
 * words, everything of a sender, or with a file or a link.
 */
export const Search = Schema.Struct({
  type: Schema.Literal("search"),
  id,
  query: Schema.String.pipe(Schema.check(Schema.isMaxLength(maxQuery))),
  ...target,
  sender: Schema.optionalKey(UserId),
  /** Said before, or after, that time: milliseconds since the epoch. */
  before_at: Schema.optionalKey(Timestamp),
  after_at: Schema.optionalKey(Timestamp),
  has: Schema.optionalKey(Schema.Literals(["file", "link"])),
  cursor: Schema.optionalKey(SearchCursor),
  limit
})
export type Search = typeof Search.Type

/** Where everybody in a conversation stands; in a group, positions are pushed live only while it is small. */
export const Receipts = Schema.Struct({ type: Schema.Literal("receipts"), id, ...target })
export type Receipts = typeof Receipts.Type

/** Never stored; ends by itself a few seconds after the last one. */
export const Typing = Schema.Struct({ type: Schema.Literal("typing"), id, ...target, active: Schema.Boolean })
export type Typing = typeof Typing.Type

export const GroupInfoRequest = Schema.Struct({ type: Schema.Literal("group_info"), id, group: GroupId })
export type GroupInfoRequest = typeof GroupInfoRequest.Type

/** Most users whose presence one connection watches. */
export const maxPresence = 500

const watched = Schema.Array(UserId).pipe(Schema.check(Schema.isBetweenLength(1, maxPresence)))

export const SubscribePresence = Schema.Struct({ type: Schema.Literal("subscribe_presence"), id, users: watched })
export type SubscribePresence = typeof SubscribePresence.Type

export const UnsubscribePresence = Schema.Struct({ type: Schema.Literal("unsubscribe_presence"), id, users: watched })
export type UnsubscribePresence = typeof UnsubscribePresence.Type

export const Block = Schema.Struct({ type: Schema.Literal("block"), id, user: UserId })
export type Block = typeof Block.Type

export const Unblock = Schema.Struct({ type: Schema.Literal("unblock"), id, user: UserId })
export type Unblock = typeof Unblock.Type

/** Asks for the list as it is. */
export const BlockedUsersRequest = Schema.Struct({ type: Schema.Literal("blocked_users"), id })
export type BlockedUsersRequest = typeof BlockedUsersRequest.Type

/** Prolongs the session without a reconnect. The token has to be of the same user. */
export const RefreshAuth = Schema.Struct({
  type: Schema.Literal("refresh_auth"),
  id,
  token: Schema.String.pipe(Schema.check(Schema.isBetweenLength(1, tokenLength)))
})
export type RefreshAuth = typeof RefreshAuth.Type

export const Ping = Schema.Struct({ type: Schema.Literal("ping"), id })
export type Ping = typeof Ping.Type

/** The closed set of client frames; a `type` outside it is answered with `unknown_type`. */
export const clientFrames = {
  ...entryCommands,
  received: Received,
  read: Read,
  history: History,
  conversations: Conversations,
  receipts: Receipts,
  search: Search,
  typing: Typing,
  group_info: GroupInfoRequest,
  subscribe_presence: SubscribePresence,
  unsubscribe_presence: UnsubscribePresence,
  block: Block,
  unblock: Unblock,
  blocked_users: BlockedUsersRequest,
  refresh_auth: RefreshAuth,
  join: Join,
  ...requestFrames,
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
