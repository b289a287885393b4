/** What one server tells all others for certain, through the journal, and at once, over the bus. */
import { Schema } from "effect"
import { ConversationSettings, OwnSettings } from "../../domain/frames/Preferences.ts"
import { ConversationId, UserId } from "../../domain/Ids.ts"

/** A message was reported: these are to hear of it. */
const Reported = Schema.TaggedStruct("Reported", {
  conversation: ConversationId,
  seq: Schema.Int,
  reason: Schema.optionalKey(Schema.String),
  at: Schema.Int,
  users: Schema.Array(UserId)
})
export type Reported = typeof Reported.Type

export const OwnChange = Schema.Union([ConversationSettings, OwnSettings])
export type OwnChange = typeof OwnChange.Type

export const Note = Schema.Union([
  /** The connections of this user, or of this token, or this one, are to end. */
  Schema.TaggedStruct("Kick", { kind: Schema.Literals(["user", "token", "session"]), id: Schema.String }),
  /** The bans are others now. */
  Schema.TaggedStruct("Bans", {}),
  /** This user has blocked the other, or does not any more. */
  Schema.TaggedStruct("Blocked", { user: UserId, other: UserId, on: Schema.Boolean }),
  /** This user has changed something of their own: the frame that their connections are told. */
  Schema.TaggedStruct("OwnChange", { user: UserId, frame: OwnChange }),
  /** This user may have browsers that are told of messages. */
  Schema.TaggedStruct("PushSubscribed", { user: UserId }),
  Reported
])
export type Note = typeof Note.Type

/** `undefined` for what another version may say. */
export const readNote = (value: unknown): Note | undefined => {
  const read = decode(value)
  return read._tag === "Some" ? read.value : undefined
}

const decode = Schema.decodeUnknownOption(Note)
