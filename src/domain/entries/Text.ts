/** Something that was said. Edits and deletes change it where it stands. */
import { Schema } from "effect"
import { groupOf } from "../Conversation.ts"
import { GroupId, Seq, Timestamp } from "../Ids.ts"
import { isBlank } from "../Text.ts"
import { Attachment, type NewAttachment, NewAttachments } from "./Attachment.ts"
import { entryKind, type Mutable } from "./EntryKind.ts"
import { id, logged, placed, StorableText, target } from "./fields.ts"
import { Mentions } from "./Mentions.ts"
import { AnyJsonObject, MessageData } from "./MessageData.ts"

/** A text may be blank only where files or data come with it. */
export const hasContent = Schema.makeFilter(
  (
    { attachments, data, text }: {
      readonly text: string
      readonly attachments?: ReadonlyArray<unknown>
      readonly data?: object
    }
  ) => attachments !== undefined || data !== undefined || !isBlank(text),
  { expected: "text that is not blank" }
)

export const ChatMessage = Schema.Struct({
  type: Schema.Literal("chat_message"),
  id,
  ...target,
  text: StorableText,
  reply_to: Schema.optionalKey(Seq),
  attachments: Schema.optionalKey(NewAttachments),
  /** Members of the conversation who are meant by it; to a group, `["@all"]` by an owner or admin. */
  mentions: Schema.optionalKey(Mentions),
  data: Schema.optionalKey(MessageData)
}).pipe(Schema.check(hasContent))
export type ChatMessage = typeof ChatMessage.Type

export interface NewText {
  readonly kind: "text"
  readonly text: string
  readonly replyTo: number | undefined
  /** As they were asked for. What they are, and whether they may be had, is known at the commit. */
  readonly attachments?: ReadonlyArray<NewAttachment>
  readonly mentions?: Mentions
  /** As JSON: as it is kept, and compared with a retry. */
  readonly data?: string
}

const said = {
  reply_to: Schema.optionalKey(Seq),
  attachments: Schema.optionalKey(Schema.Array(Attachment)),
  mentions: Schema.optionalKey(Schema.Array(Schema.String)),
  data: Schema.optionalKey(AnyJsonObject),
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
  if (from.attachments !== undefined) to.attachments = from.attachments
  if (from.mentions !== undefined) to.mentions = from.mentions
  if (from.data !== undefined) to.data = from.data
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
  create: ({ attachments, data, mentions, reply_to, text }): NewText => {
    const entry: Mutable<NewText> = { kind: "text", text, replyTo: reply_to }
    if (attachments !== undefined) entry.attachments = attachments
    if (mentions !== undefined) entry.mentions = mentions
    if (data !== undefined) entry.data = JSON.stringify(data)
    return entry
  },
  keep: ({ replyTo, text }: NewText) => ({ target: replyTo ?? null, body: text, flag: 0 }),
  read: ({ at, attachments, body, data, edited_at, flag, mentions, message_id, sender, seq, target }) => {
    const entry: Mutable<TextEntry> = { kind: "text", seq, message_id, sender, at }
    if (flag === 1) entry.deleted = true
    else entry.text = body ?? ""
    if (target !== null) entry.reply_to = target
    // A server of an earlier version may have deleted it, which knows nothing of these. Each was written from what had
    // been checked.
    if (flag === 0) {
      if (attachments !== null) entry.attachments = JSON.parse(attachments) as TextEntry["attachments"] & {}
      if (mentions !== null) entry.mentions = JSON.parse(mentions) as TextEntry["mentions"] & {}
      if (data !== null) entry.data = JSON.parse(data) as TextEntry["data"] & {}
    }
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
