/** What one server tells all others for certain, through the journal, and at once, over the bus. */
import { Schema } from "effect"
import { UserId } from "../../domain/Ids.ts"

export const Note = Schema.Union([
  /** The connections of this user, or of this token, or this one, are to end. */
  Schema.TaggedStruct("Kick", { kind: Schema.Literals(["user", "token", "session"]), id: Schema.String }),
  /** The bans are others now. */
  Schema.TaggedStruct("Bans", {}),
  /** This user has blocked the other, or does not any more. */
  Schema.TaggedStruct("Blocked", { user: UserId, other: UserId, on: Schema.Boolean })
])
export type Note = typeof Note.Type

/** `undefined` for what another version may say. */
export const readNote = (value: unknown): Note | undefined => {
  const read = decode(value)
  return read._tag === "Some" ? read.value : undefined
}

const decode = Schema.decodeUnknownOption(Note)
