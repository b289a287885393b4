/** What the frames and entries of all kinds have in common. */
import { Schema } from "effect"
import { ClientId, ConversationId, GroupId, MessageId, Sender, Seq, Timestamp, UserId } from "../Ids.ts"
import { isBlank, isStorable } from "../Text.ts"

/** The client's name for a frame. */
export const id = Schema.optionalKey(ClientId)

/** Exactly one of the three; `countTargets` checks it, so that two targets get a code of their own. */
export const target = {
  recipient: Schema.optionalKey(UserId),
  group: Schema.optionalKey(GroupId),
  conversation: Schema.optionalKey(ConversationId)
}

/** A place in a log, and who put something there. */
export const placed = { seq: Seq, message_id: MessageId, sender: Sender, at: Timestamp }

/** Which place in which log a pushed frame tells of. */
export const logged = { ...placed, conversation: ConversationId }

export const StorableText = Schema.String.pipe(
  Schema.check(Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" }))
)

/** Text that every store and every client can hold: not blank, well-formed Unicode, no NUL. */
export const MessageText = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter((s: string) => !isBlank(s), { expected: "text that is not blank" }),
    Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" })
  )
)
