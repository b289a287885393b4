/** What a push notification says, as the service worker of a page reads it. */
import { Schema } from "effect"
import { ConversationId, Seq, Timestamp, UserId } from "./Ids.ts"

/** Characters of a text that are pushed; the rest is read in the page. */
export const maxPushText = 200

/** The latest text of a conversation that nobody took in time. A newer one of it takes its place. */
export const PushPayload = Schema.Struct({
  type: Schema.Literal("message"),
  conversation: ConversationId,
  seq: Seq,
  sender: UserId,
  /** Missing where the sender has no name but the id. */
  sender_name: Schema.optionalKey(Schema.String),
  /** Of a group. */
  group_name: Schema.optionalKey(Schema.String),
  /** The beginning of it; empty where there are only files. */
  text: Schema.String,
  at: Timestamp,
  /** One of the texts that are told of mentions the reader. */
  mentions: Schema.optionalKey(Schema.Literal(true)),
  /** How many texts of the conversation are told of with this one, itself included. */
  unread: Schema.optionalKey(Schema.Int)
})
export type PushPayload = typeof PushPayload.Type
