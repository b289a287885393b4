/** Somebody gave a text an emoji, or took it back. */
import { Schema } from "effect"
import { Seq } from "../Ids.ts"
import { isEmoji } from "../Text.ts"
import { entryKind } from "./EntryKind.ts"
import { id, logged, placed, target } from "./fields.ts"

/** One emoji, as far as a server can tell: at most 32 UTF-16 units, and none of them is there to be unseen. */
export const Emoji = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 32),
    Schema.makeFilter(isEmoji, { expected: "an emoji" })
  )
)

export const React = Schema.Struct({
  type: Schema.Literal("react"),
  id,
  ...target,
  seq: Seq,
  emoji: Emoji,
  remove: Schema.optionalKey(Schema.Boolean)
})
export type React = typeof React.Type

export interface NewReaction {
  readonly kind: "reaction"
  readonly target: number
  readonly emoji: string
  readonly remove: boolean
}

const reacted = { target: Seq, emoji: Schema.String, remove: Schema.optionalKey(Schema.Literal(true)) }

export const ReactionEntry = Schema.Struct({ kind: Schema.Literal("reaction"), ...placed, ...reacted })
export type ReactionEntry = typeof ReactionEntry.Type

export const Reaction = Schema.Struct({ type: Schema.Literal("reaction"), ...logged, ...reacted })
export type Reaction = typeof Reaction.Type

/** What an erased user reacted with is not kept; a frame has to have something there. */
const erasedEmoji = "\u{1F5D1}"

export const reaction = entryKind({
  kind: "reaction",
  commands: { react: React },
  entry: ReactionEntry,
  push: Reaction,
  create: ({ emoji, remove, seq }) => ({ kind: "reaction", target: seq, emoji, remove: remove ?? false }),
  keep: ({ emoji, remove, target }: NewReaction) => ({ target, body: emoji, flag: remove ? 1 : 0 }),
  read: ({ at, body, flag, message_id, sender, seq, target }) => ({
    kind: "reaction" as const,
    seq,
    message_id,
    sender,
    at,
    target: target ?? 0,
    // Of an erased user: as if it had been taken back.
    emoji: body ?? erasedEmoji,
    ...(flag === 1 || body === null ? { remove: true as const } : undefined)
  }),
  pushOf: (conversation, { kind: _, ...entry }) => ({ type: "reaction" as const, conversation, ...entry }),
  entryOf: ({ conversation: _, type: __, ...entry }) => ({ kind: "reaction" as const, ...entry }),
  block: "redacted",
  erasure: "nothing",
  isNews: false,
  isPlain: false
})
