/** Something that was said. Edits and deletes change it where it stands. */
import { Schema } from "effect"
import { groupOf } from "../Conversation.ts"
import { GroupId, Seq, Timestamp } from "../Ids.ts"
import { entryKind, type Mutable } from "./EntryKind.ts"
import { id, logged, MessageText, placed, target } from "./fields.ts"

export const ChatMessage = Schema.Struct({
  type: Schema.Literal("chat_message"),
  id,
  ...target,
  text: MessageText,
  reply_to: Schema.optionalKey(Seq)
})
export type ChatMessage = typeof ChatMessage.Type

export interface NewText {
  readonly kind: "text"
  readonly text: string
  readonly replyTo: number | undefined
}

const said = {
  reply_to: Schema.optionalKey(Seq),
  edited_at: Schema.optionalKey(Timestamp),
  /** Deleted since. It keeps its place, so that no log has a gap, and loses its text. */
  deleted: Schema.optionalKey(Schema.Literal(true)),
  /** Said, or reacted, or edited, while its reader had its sender blocked; `deleted` is set too. */
  hidden: Schema.optionalKey(Schema.Literal(true))
}

/** Shows its latest text. */
export const TextEntry = Schema.Struct({
  kind: Schema.Literal("text"),
  ...placed,
  text: Schema.optionalKey(Schema.String),
  ...said
})
export type TextEntry = typeof TextEntry.Type

/** `text` is empty where it is deleted. */
export const IncomingMessage = Schema.Struct({
  type: Schema.Literal("incoming_message"),
  ...logged,
  text: Schema.String,
  group: Schema.optionalKey(GroupId),
  ...said
})
export type IncomingMessage = typeof IncomingMessage.Type

const copySaid = (from: TextEntry | IncomingMessage, to: Mutable<TextEntry | IncomingMessage>): void => {
  if (from.reply_to !== undefined) to.reply_to = from.reply_to
  if (from.edited_at !== undefined) to.edited_at = from.edited_at
  if (from.deleted !== undefined) to.deleted = from.deleted
  if (from.hidden !== undefined) to.hidden = from.hidden
}

// Fields are set one by one, without spreads of what is mostly nothing: these run once per message or delivery.
export const text = entryKind({
  kind: "text",
  commands: { chat_message: ChatMessage },
  entry: TextEntry,
  push: IncomingMessage,
  create: ({ reply_to, text }) => ({ kind: "text", text, replyTo: reply_to }),
  keep: ({ replyTo, text }: NewText) => ({ target: replyTo ?? null, body: text, flag: 0 }),
  read: ({ at, body, edited_at, flag, message_id, sender, seq, target }) => {
    const entry: Mutable<TextEntry> = { kind: "text", seq, message_id, sender, at }
    if (flag === 1) entry.deleted = true
    else entry.text = body ?? ""
    if (target !== null) entry.reply_to = target
    if (edited_at !== null) entry.edited_at = edited_at
    return entry
  },
  pushOf: (conversation, entry) => {
    const { at, message_id, sender, seq, text = "" } = entry
    const frame: Mutable<IncomingMessage> = {
      type: "incoming_message",
      sender,
      text,
      conversation,
      seq,
      message_id,
      at
    }
    const group = groupOf(conversation)
    if (group !== undefined) frame.group = group
    copySaid(entry, frame)
    return frame
  },
  entryOf: (push) => {
    const { at, message_id, sender, seq, text } = push
    const entry: Mutable<TextEntry> = { kind: "text", seq, message_id, sender, at }
    if (push.deleted !== true) entry.text = text
    copySaid(push, entry)
    return entry
  },
  block: "redacted",
  erasure: "flagged",
  isNews: true,
  isPlain: true
})
