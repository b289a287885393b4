/** What a client may say: one JSON object per text frame, told apart by `type`. Unknown fields are ignored. */
import { Schema } from "effect"
import { GroupHistory, Role } from "./Entry.ts"
import { ClientId, ConversationId, GroupId, Position, Seq, UserId } from "./Ids.ts"
import { tokenLength } from "./Limit.ts"
import { ListCursor } from "./ListCursor.ts"
import { isBlank, isEmoji, isStorable } from "./Text.ts"

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
    Schema.makeFilter((s: string) => !isBlank(s), { expected: "text that is not blank" }),
    Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" })
  )
)

/** One emoji, as far as a server can tell: at most 32 UTF-16 units, and none of them is there to be unseen. */
export const Emoji = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 32),
    Schema.makeFilter(isEmoji, { expected: "an emoji" })
  )
)

/** A page of history or of conversations has at most this many entries. */
export const maxPage = 100

/** An end of a page of history. Any number that JSON can hold is good: what is beyond the log is its end. */
const Edge = (minimum: 0 | 1) =>
  Schema.Finite.pipe(Schema.check(Schema.makeFilter((n: number) => n >= minimum && Number.isInteger(n), {
    expected: `a whole number from ${minimum} on`
  })))

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
  before: Schema.optionalKey(Edge(1)),
  after: Schema.optionalKey(Edge(0)),
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

/** Where everybody in a conversation stands; in a group, positions are pushed live only while it is small. */
export const Receipts = Schema.Struct({ type: Schema.Literal("receipts"), id, ...target })
export type Receipts = typeof Receipts.Type

/** Never stored; ends by itself a few seconds after the last one. */
export const Typing = Schema.Struct({ type: Schema.Literal("typing"), id, ...target, active: Schema.Boolean })
export type Typing = typeof Typing.Type

/** 1 to 100 characters that can be seen: no control characters, nothing that changes the direction of what follows. */
export const GroupName = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 100),
    Schema.makeFilter((s: string) => !isBlank(s), { expected: "a name that is not blank" }),
    Schema.makeFilter(
      (s: string) => s.isWellFormed() && !/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(s),
      { expected: "a name without control characters" }
    )
  )
)

/** No frame names more users at once than this. */
export const maxUsers = 1_024

const differ = Schema.makeFilter((users: ReadonlyArray<string>) => new Set(users).size === users.length, {
  expected: "each user once"
})

const members = Schema.Array(UserId).pipe(Schema.check(Schema.isBetweenLength(1, maxUsers), differ))

export const CreateGroup = Schema.Struct({
  type: Schema.Literal("create_group"),
  id,
  name: GroupName,
  /** Whoever creates the group owns it, and need not be named here. */
  members: Schema.Array(UserId).pipe(Schema.check(Schema.isBetweenLength(0, maxUsers), differ)),
  history: Schema.optionalKey(GroupHistory)
})
export type CreateGroup = typeof CreateGroup.Type

export const AddMembers = Schema.Struct({ type: Schema.Literal("add_members"), id, group: GroupId, members })
export type AddMembers = typeof AddMembers.Type

export const RemoveMembers = Schema.Struct({ type: Schema.Literal("remove_members"), id, group: GroupId, members })
export type RemoveMembers = typeof RemoveMembers.Type

export const SetRole = Schema.Struct({
  type: Schema.Literal("set_role"),
  id,
  group: GroupId,
  user: UserId,
  role: Role
})
export type SetRole = typeof SetRole.Type

export const RenameGroup = Schema.Struct({ type: Schema.Literal("rename_group"), id, group: GroupId, name: GroupName })
export type RenameGroup = typeof RenameGroup.Type

export const LeaveGroup = Schema.Struct({ type: Schema.Literal("leave_group"), id, group: GroupId })
export type LeaveGroup = typeof LeaveGroup.Type

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
  chat_message: ChatMessage,
  edit_message: EditMessage,
  delete_message: DeleteMessage,
  react: React,
  received: Received,
  read: Read,
  history: History,
  conversations: Conversations,
  receipts: Receipts,
  typing: Typing,
  create_group: CreateGroup,
  add_members: AddMembers,
  remove_members: RemoveMembers,
  set_role: SetRole,
  rename_group: RenameGroup,
  leave_group: LeaveGroup,
  group_info: GroupInfoRequest,
  subscribe_presence: SubscribePresence,
  unsubscribe_presence: UnsubscribePresence,
  block: Block,
  unblock: Unblock,
  blocked_users: BlockedUsersRequest,
  refresh_auth: RefreshAuth,
  ping: Ping
} as const

export const ClientFrame = Schema.Union(Object.values(clientFrames))
export type ClientFrame = typeof ClientFrame.Type

/** A frame that adds an entry to a conversation's log. */
export type ChatCommand = ChatMessage | EditMessage | DeleteMessage | React

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
