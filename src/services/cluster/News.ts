/**
 * What a commit has made true, as plain data: whoever fans it out need not know which process it was. Those who asked are
 * answered apart from it.
 */
import { Schema } from "effect"
import { Entry } from "../../domain/Entry.ts"
import { ConversationId, SessionId, UserId } from "../../domain/Ids.ts"

/** An entry of a log. */
export const Committed = Schema.TaggedStruct("Committed", {
  conversation: ConversationId,
  entry: Entry,
  /** The two of a direct conversation, the other one first; or the members of a group at this place of its log. */
  audience: Schema.Array(UserId),
  /** They hear of this entry and of none after it: who was taken out of the group, or left. */
  removed: Schema.optionalKey(Schema.Array(UserId)),
  /** The connection that asked for it, which has its answer. */
  session: Schema.optionalKey(SessionId)
})
export type Committed = typeof Committed.Type

/** How far a user has come in a conversation, for those who may know. */
export const CursorMoved = Schema.TaggedStruct("CursorMoved", {
  conversation: ConversationId,
  user: UserId,
  delivered: Schema.Int,
  /** As others may know it. */
  read: Schema.Int,
  /** As the user's own connections know it, where that is more. */
  own: Schema.optionalKey(Schema.Int),
  audience: Schema.Array(UserId),
  session: SessionId
})
export type CursorMoved = typeof CursorMoved.Type

export const News = Schema.Union([Committed, CursorMoved])
export type News = typeof News.Type
