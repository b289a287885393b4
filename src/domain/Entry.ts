/** A conversation is a log; this is what its entries look like to those who may read it. */
import { Schema } from "effect"
import { GroupId, MessageId, Seq, Timestamp, UserId } from "./Ids.ts"

export const Role = Schema.Literals(["owner", "admin", "member"])
export type Role = typeof Role.Type

export const Member = Schema.Struct({ user: UserId, role: Role })
export type Member = typeof Member.Type

/** What a new member of a group may see: what was said since they `joined`, or `all` of it. */
export const GroupHistory = Schema.Literals(["joined", "all"])
export type GroupHistory = typeof GroupHistory.Type

/** What happened to a group. The entry's `sender` is who did it. */
export const GroupChange = Schema.Union([
  Schema.Struct({
    action: Schema.Literal("created"),
    name: Schema.String,
    members: Schema.Array(Member),
    /** `joined` when it is missing. */
    history: Schema.optionalKey(GroupHistory)
  }),
  Schema.Struct({ action: Schema.Literal("members_added"), members: Schema.Array(UserId) }),
  Schema.Struct({ action: Schema.Literal("members_removed"), members: Schema.Array(UserId) }),
  Schema.Struct({ action: Schema.Literal("role_set"), user: UserId, role: Role }),
  Schema.Struct({ action: Schema.Literal("renamed"), name: Schema.String }),
  Schema.Struct({ action: Schema.Literal("left") })
])
export type GroupChange = typeof GroupChange.Type

const common = { seq: Seq, message_id: MessageId, sender: UserId, at: Timestamp }

/** Shows its latest text. A deleted one keeps its place and loses its text. */
export const TextEntry = Schema.Struct({
  kind: Schema.Literal("text"),
  ...common,
  text: Schema.optionalKey(Schema.String),
  reply_to: Schema.optionalKey(Seq),
  edited_at: Schema.optionalKey(Timestamp),
  deleted: Schema.optionalKey(Schema.Literal(true)),
  /** Said, or reacted, or edited, while its reader had its sender blocked; `deleted` is set too. */
  hidden: Schema.optionalKey(Schema.Literal(true))
})
export type TextEntry = typeof TextEntry.Type

/** `text` is missing once the target was deleted. */
export const EditEntry = Schema.Struct({
  kind: Schema.Literal("edit"),
  ...common,
  target: Seq,
  text: Schema.optionalKey(Schema.String)
})
export type EditEntry = typeof EditEntry.Type

export const DeleteEntry = Schema.Struct({ kind: Schema.Literal("delete"), ...common, target: Seq })
export type DeleteEntry = typeof DeleteEntry.Type

export const ReactionEntry = Schema.Struct({
  kind: Schema.Literal("reaction"),
  ...common,
  target: Seq,
  emoji: Schema.String,
  remove: Schema.optionalKey(Schema.Literal(true))
})
export type ReactionEntry = typeof ReactionEntry.Type

export const GroupEntry = Schema.Struct({
  kind: Schema.Literal("group"),
  ...common,
  group: GroupId,
  change: GroupChange
})
export type GroupEntry = typeof GroupEntry.Type

export const Entry = Schema.Union([TextEntry, EditEntry, DeleteEntry, ReactionEntry, GroupEntry])
export type Entry = typeof Entry.Type
