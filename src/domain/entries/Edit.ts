/** A text became another. */
import { Schema } from "effect"
import { Seq } from "../Ids.ts"
import { entryKind } from "./EntryKind.ts"
import { id, logged, MessageText, placed, target } from "./fields.ts"

export const EditMessage = Schema.Struct({
  type: Schema.Literal("edit_message"),
  id,
  ...target,
  seq: Seq,
  text: MessageText
})
export type EditMessage = typeof EditMessage.Type

export interface NewEdit {
  readonly kind: "edit"
  readonly target: number
  readonly text: string
}

/** `text` is missing once the target was deleted. */
const edited = { target: Seq, text: Schema.optionalKey(Schema.String) }

export const EditEntry = Schema.Struct({ kind: Schema.Literal("edit"), ...placed, ...edited })
export type EditEntry = typeof EditEntry.Type

export const MessageEdited = Schema.Struct({ type: Schema.Literal("message_edited"), ...logged, ...edited })
export type MessageEdited = typeof MessageEdited.Type

export const edit = entryKind({
  kind: "edit",
  commands: { edit_message: EditMessage },
  entry: EditEntry,
  push: MessageEdited,
  create: ({ seq, text }) => ({ kind: "edit", target: seq, text }),
  keep: ({ target, text }: NewEdit) => ({ target, body: text, flag: 0 }),
  read: ({ at, body, message_id, sender, seq, target }) => ({
    kind: "edit" as const,
    seq,
    message_id,
    sender,
    at,
    target: target ?? 0,
    ...(body === null ? undefined : { text: body })
  }),
  pushOf: (conversation, { kind: _, ...entry }) => ({ type: "message_edited" as const, conversation, ...entry }),
  entryOf: ({ conversation: _, type: __, ...entry }) => ({ kind: "edit" as const, ...entry }),
  block: "redacted",
  erasure: "nothing",
  isNews: false,
  isPlain: false
})
