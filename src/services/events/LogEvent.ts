/** What an app, or a webhook, is told of the log. */
import { Schema } from "effect"
import { Entry, GroupEntry } from "../../domain/Entry.ts"
import { ConversationId } from "../../domain/Ids.ts"

/** Something was said, edited, deleted or reacted to; the entry's `kind` says which. As the log has it now. */
export const MessageAccepted = Schema.Struct({
  type: Schema.Literal("message.accepted"),
  conversation: ConversationId,
  entry: Entry
})

/** A group was made, or its members, roles or name have changed. */
export const GroupChanged = Schema.Struct({
  type: Schema.Literal("group.changed"),
  conversation: ConversationId,
  entry: GroupEntry
})

export const LogEvent = Schema.Union([MessageAccepted, GroupChanged])
export type LogEvent = typeof LogEvent.Type

export const eventOf = (conversation: ConversationId, entry: Entry): LogEvent =>
  entry.kind === "group"
    ? { type: "group.changed", conversation, entry }
    : { type: "message.accepted", conversation, entry }
