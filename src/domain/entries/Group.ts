/** What happened to a group: who is in it, what they may do and what it is called. */
import { Schema } from "effect"
import { groupOf } from "../Conversation.ts"
import {
  type ClientId,
  ConversationId,
  FileId,
  GroupId,
  type Invite,
  MessageId,
  Sender,
  Seq,
  Timestamp,
  UserId
} from "../Ids.ts"
import { isBlank } from "../Text.ts"
import { entryKind } from "./EntryKind.ts"
import { id, placed } from "./fields.ts"

export const Role = Schema.Literals(["owner", "admin", "member"])
export type Role = typeof Role.Type

export const Member = Schema.Struct({ user: UserId, role: Role })
export type Member = typeof Member.Type

/** What a new member of a group may see: what was said since they `joined`, or `all` of it. */
export const GroupHistory = Schema.Literals(["joined", "all"])
export type GroupHistory = typeof GroupHistory.Type

/** No control characters, nothing that changes the direction of what follows. */
const oneLine = (expected: string) =>
  Schema.makeFilter(
    (s: string) => s.isWellFormed() && !/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(s),
    { expected }
  )

/** 1 to 100 characters that can be seen, in one line. */
export const GroupName = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 100),
    Schema.makeFilter((s: string) => !isBlank(s), { expected: "a name that is not blank" }),
    oneLine("a name without control characters")
  )
)

/** What a group is about: at most 500 characters, of which none is there to control a terminal. */
export const GroupDescription = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 500),
    Schema.makeFilter((s: string) => !isBlank(s), { expected: "a description that is not blank" }),
    Schema.makeFilter(
      (s: string) => s.isWellFormed() && !/[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(s),
      { expected: "a description without control characters" }
    )
  )
)

/** Why somebody did it, in a line of at most 200 characters. */
export const Reason = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 200),
    oneLine("one line without control characters")
  )
)

/** No frame names more users at once than this. */
export const maxUsers = 1_024

const usersFrom = (least: 0 | 1) =>
  Schema.Array(UserId).pipe(Schema.check(
    Schema.isBetweenLength(least, maxUsers),
    Schema.makeFilter((users: ReadonlyArray<string>) => new Set(users).size === users.length, {
      expected: "each user once"
    })
  ))
/** Those of a group that begins, without its owner. */
export const FirstMembers = usersFrom(0)
const members = usersFrom(1)

export const CreateGroup = Schema.Struct({
  type: Schema.Literal("create_group"),
  id,
  name: GroupName,
  /** Whoever creates the group owns it, and need not be named here. */
  members: FirstMembers,
  history: Schema.optionalKey(GroupHistory)
})
export type CreateGroup = typeof CreateGroup.Type

/** A group that the operator begins for somebody. No client can say it. */
export interface FoundGroup extends Omit<CreateGroup, "type" | "id"> {
  readonly type: "found_group"
  readonly id: ClientId
  readonly owner: UserId
}

export const AddMembers = Schema.Struct({ type: Schema.Literal("add_members"), id, group: GroupId, members })
export type AddMembers = typeof AddMembers.Type

const reason = Schema.optionalKey(Reason)

export const RemoveMembers = Schema.Struct({
  type: Schema.Literal("remove_members"),
  id,
  group: GroupId,
  members,
  reason
})
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

/** What is left out stays; an empty string takes it away. */
export const SetGroup = Schema.Struct({
  type: Schema.Literal("set_group"),
  id,
  group: GroupId,
  name: Schema.optionalKey(GroupName),
  description: Schema.optionalKey(Schema.Union([GroupDescription, Schema.Literal("")])),
  /** A file of whoever sets it, which stays for as long as it is shown. */
  avatar: Schema.optionalKey(Schema.Union([FileId, Schema.Literal("")]))
})
export type SetGroup = typeof SetGroup.Type

/** Removes those who are in, and keeps all of these out until they are let in again. */
export const BanMembers = Schema.Struct({ type: Schema.Literal("ban_members"), id, group: GroupId, members, reason })
export type BanMembers = typeof BanMembers.Type

export const UnbanMembers = Schema.Struct({ type: Schema.Literal("unban_members"), id, group: GroupId, members })
export type UnbanMembers = typeof UnbanMembers.Type

export const LeaveGroup = Schema.Struct({ type: Schema.Literal("leave_group"), id, group: GroupId })
export type LeaveGroup = typeof LeaveGroup.Type

/** Somebody comes in by an invitation, which the commit looks for. Clients say `join`, and do not know the group. */
export interface JoinGroup {
  readonly type: "join_group"
  readonly id: ClientId | undefined
  readonly group: GroupId
  readonly invite: Invite
}

/** The entry's `sender` is who did it. */
export const GroupChange = Schema.Union([
  Schema.Struct({
    action: Schema.Literal("created"),
    name: Schema.String,
    members: Schema.Array(Member),
    /** `joined` when it is missing. */
    history: Schema.optionalKey(GroupHistory)
  }),
  Schema.Struct({ action: Schema.Literal("members_added"), members: Schema.Array(UserId) }),
  Schema.Struct({
    action: Schema.Literal("members_removed"),
    members: Schema.Array(UserId),
    reason: Schema.optionalKey(Schema.String)
  }),
  /** Those of them who were in are not any more. */
  Schema.Struct({
    action: Schema.Literal("members_banned"),
    members: Schema.Array(UserId),
    reason: Schema.optionalKey(Schema.String)
  }),
  Schema.Struct({ action: Schema.Literal("members_unbanned"), members: Schema.Array(UserId) }),
  /** The sender came in by an invitation. */
  Schema.Struct({ action: Schema.Literal("joined") }),
  /** An empty string has been taken away. */
  Schema.Struct({
    action: Schema.Literal("described"),
    name: Schema.optionalKey(Schema.String),
    description: Schema.optionalKey(Schema.String),
    avatar: Schema.optionalKey(Schema.String)
  }),
  Schema.Struct({ action: Schema.Literal("role_set"), user: UserId, role: Role }),
  Schema.Struct({ action: Schema.Literal("renamed"), name: Schema.String }),
  Schema.Struct({ action: Schema.Literal("left") })
])
export type GroupChange = typeof GroupChange.Type

/** Written by this server from a checked value. */
export const storedChange = (body: string | null): GroupChange => JSON.parse(body ?? "{}") as GroupChange

export interface NewGroupChange {
  readonly kind: "group"
  readonly group: GroupId
  readonly change: GroupChange
}

export const GroupEntry = Schema.Struct({
  kind: Schema.Literal("group"),
  ...placed,
  group: GroupId,
  change: GroupChange
})
export type GroupEntry = typeof GroupEntry.Type

export const GroupChanged = Schema.Struct({
  type: Schema.Literal("group_changed"),
  group: GroupId,
  conversation: ConversationId,
  seq: Seq,
  by: Sender,
  at: Timestamp,
  change: GroupChange
})
export type GroupChanged = typeof GroupChanged.Type

export const group = entryKind({
  kind: "group",
  commands: {
    create_group: CreateGroup,
    add_members: AddMembers,
    remove_members: RemoveMembers,
    set_role: SetRole,
    rename_group: RenameGroup,
    set_group: SetGroup,
    ban_members: BanMembers,
    unban_members: UnbanMembers,
    leave_group: LeaveGroup
  },
  entry: GroupEntry,
  push: GroupChanged,
  keep: ({ change }: NewGroupChange) => ({ target: null, body: JSON.stringify(change), flag: 0 }),
  read: ({ at, body, conversation, message_id, sender, seq }) => ({
    kind: "group" as const,
    seq,
    message_id,
    sender,
    at,
    group: groupOf(conversation)!,
    change: storedChange(body)
  }),
  pushOf: (conversation, { at, change, group, sender, seq }) => ({
    type: "group_changed" as const,
    group,
    conversation,
    seq,
    by: sender,
    at,
    change
  }),
  // A change that is pushed has no message id.
  entryOf: ({ at, by, change, group, seq }) => ({
    kind: "group" as const,
    seq,
    message_id: "" as MessageId,
    sender: by,
    at,
    group,
    change
  }),
  block: "shown",
  erasure: "all",
  isNews: true,
  isPlain: false
})
