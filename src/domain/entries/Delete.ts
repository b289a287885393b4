/** A text is not there any more. */
import { Schema } from "effect"
import { Seq } from "../Ids.ts"
import { entryKind } from "./EntryKind.ts"
import { id, logged, placed, target } from "./fields.ts"

export const DeleteMessage = Schema.Struct({ type: Schema.Literal("delete_message"), id, ...target, seq: Seq })
export type DeleteMessage = typeof DeleteMessage.Type

export interface NewDelete {
  readonly kind: "delete"
  readonly target: number
}

export const DeleteEntry = Schema.Struct({ kind: Schema.Literal("delete"), ...placed, target: Seq })
export type DeleteEntry = typeof DeleteEntry.Type

export const MessageDeleted = Schema.Struct({ type: Schema.Literal("message_deleted"), ...logged, target: Seq })
export type MessageDeleted = typeof MessageDeleted.Type

export const deletion = entryKind({
  kind: "delete",
  commands: { delete_message: DeleteMessage },
  entry: DeleteEntry,
  push: MessageDeleted,
  create: ({ seq }) => ({ kind: "delete", target: seq }),
  keep: ({ target }: NewDelete) => ({ target, body: null, flag: 0 }),
  read: ({ at, message_id, sender, seq, target }) => ({
    kind: "delete" as const,
    seq,
    message_id,
    sender,
    at,
    target: target ?? 0
  }),
  pushOf: (conversation, { kind: _, ...entry }) => ({ type: "message_deleted" as const, conversation, ...entry }),
  entryOf: ({ conversation: _, type: __, ...entry }) => ({ kind: "delete" as const, ...entry }),
  block: "withheld",
  erasure: "nothing",
  isNews: false,
  isPlain: false
})
