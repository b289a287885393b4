/** What somebody wants of a conversation for themself. Kept in the store, the same on all of their devices. */
import { Schema } from "effect"
import { id, target } from "../entries/fields.ts"
import { ConversationId, Timestamp } from "../Ids.ts"

/** Muted without an end: the last millisecond of the year 9999. */
export const forGood = 253_402_300_799_999

/** Nobody is told of what is said there, but of mentions, until `until`, or until it is taken back. */
export const Mute = Schema.Struct({
  type: Schema.Literal("mute"),
  id,
  ...target,
  until: Schema.optionalKey(Timestamp),
  /** Mentions are muted, too. */
  mentions: Schema.optionalKey(Schema.Boolean)
})
export type Mute = typeof Mute.Type

export const Unmute = Schema.Struct({ type: Schema.Literal("unmute"), id, ...target })
export type Unmute = typeof Unmute.Type

/** Out of the way until the next message. */
export const Archive = Schema.Struct({ type: Schema.Literal("archive"), id, ...target })
export type Archive = typeof Archive.Type

export const Unarchive = Schema.Struct({ type: Schema.Literal("unarchive"), id, ...target })
export type Unarchive = typeof Unarchive.Type

/** As if there were something new, until it is read. */
export const MarkUnread = Schema.Struct({ type: Schema.Literal("mark_unread"), id, ...target })
export type MarkUnread = typeof MarkUnread.Type

/** Of the user as a whole. What is left out stays; without any it asks. */
export const SettingsRequest = Schema.Struct({
  type: Schema.Literal("settings"),
  id,
  /** Others do not hear how far one has read from now on. */
  read_privately: Schema.optionalKey(Schema.Boolean)
})
export type SettingsRequest = typeof SettingsRequest.Type

/** The answer to `mute` and `unmute`: `until` is 0 where it is not muted, and missing where there is no end. */
export const Muted = Schema.Struct({
  type: Schema.Literal("muted"),
  id,
  conversation: ConversationId,
  until: Schema.optionalKey(Timestamp)
})
export type Muted = typeof Muted.Type

/** What lists of conversations tell, too. */
export const preferences = {
  /** Missing where it is not muted; `forGood` without an end. */
  muted_until: Schema.optionalKey(Timestamp),
  mutes_mentions: Schema.optionalKey(Schema.Literal(true)),
  archived: Schema.optionalKey(Schema.Literal(true)),
  marked_unread: Schema.optionalKey(Schema.Literal(true))
}

export type ConversationPreferences = Schema.Schema.Type<Schema.Struct<typeof preferences>>

/** All of them as they are now. Pushed to the user's other connections, too. */
export const ConversationSettings = Schema.Struct({
  type: Schema.Literal("conversation_settings"),
  id,
  conversation: ConversationId,
  ...preferences
})
export type ConversationSettings = typeof ConversationSettings.Type

/** The answer to `settings`; pushed to the user's other connections where something changed. */
export const OwnSettings = Schema.Struct({ type: Schema.Literal("settings"), id, read_privately: Schema.Boolean })
export type OwnSettings = typeof OwnSettings.Type
