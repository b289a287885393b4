/** A text became another. */
import { Schema } from "effect"
import { Seq } from "../Ids.ts"
import { entryKind, type Mutable } from "./EntryKind.ts"
import { id, logged, placed, StorableText, target } from "./fields.ts"
import { AnyJsonObject, MessageData } from "./MessageData.ts"
import { hasContent } from "./Text.ts"

export const EditMessage = Schema.Struct({
  type: Schema.Literal("edit_message"),
  id,
  ...target,
  seq: Seq,
  text: StorableText,
  /** In place of what the message had; without it that stays. */
  data: Schema.optionalKey(MessageData)
}).pipe(Schema.check(hasContent))
export type EditMessage = typeof EditMessage.Type

export interface NewEdit {
  readonly kind: "edit"
  readonly target: number
  readonly text: string
  /** As JSON: as it is kept, and compared with a retry. */
  readonly data?: string
}

/** `text` is missing once the target was deleted. */
const edited = {
  target: Seq,
  text: Schema.optionalKey(Schema.String),
  data: Schema.optionalKey(AnyJsonObject)
}

export const EditEntry = Schema.Struct({ kind: Schema.Literal("edit"), ...placed, ...edited })
export type EditEntry = typeof EditEntry.Type

export const MessageEdited = Schema.Struct({ type: Schema.Literal("message_edited"), ...logged, ...edited })
export type MessageEdited = typeof MessageEdited.Type

export const edit = entryKind({
  kind: "edit",
  commands: { edit_message: EditMessage },
  entry: EditEntry,
  push: MessageEdited,
  create: ({ data, seq, text }): NewEdit => {
    const entry: Mutable<NewEdit> = { kind: "edit", target: seq, text }
    if (data !== undefined) entry.data = JSON.stringify(data)
    return entry
  },
  keep: ({ target, text }: NewEdit) => ({ target, body: text, flag: 0 }),
  read: ({ at, body, data, message_id, sender, seq, target }) => ({
    kind: "edit" as const,
    seq,
    message_id,
    sender,
    at,
    target: target ?? 0,
    ...(body === null ? undefined : { text: body }),
    // A server of an earlier version takes only the text away.
    ...(body === null || data === null ? undefined : { data: JSON.parse(data) as EditEntry["data"] & {} })
  }),
  pushOf: (conversation, { kind: _, ...entry }) => ({ type: "message_edited" as const, conversation, ...entry }),
  entryOf: ({ conversation: _, type: __, ...entry }) => ({ kind: "edit" as const, ...entry }),
  block: "redacted",
  erasure: "nothing",
  isNews: false,
  isPlain: false
})
