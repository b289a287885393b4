/** What a kind of entry is: all that differs between a text, an edit, a reaction and whatever comes next. */
import type { Schema } from "effect"
import type { ConversationId, MessageId, UserId } from "../Ids.ts"

/** What a store keeps of an entry beside its place. */
export interface Kept {
  /** The entry that it is about, or that it replies to. */
  readonly target: number | null
  /** The text as it is now, or whatever else there is to say. `null` once deleted. */
  readonly body: string | null
  readonly flag: 0 | 1
}

/** What a text has beside its words, as it is kept. */
export interface KeptWords {
  /** `Mentions` of a text as JSON; `null` where there are none, and once it is deleted. */
  readonly mentions: string | null
  /** `MessageData` of a text as it is now, or of an edit, as JSON; `null` where there is none, and once it is deleted. */
  readonly data: string | null
}

/** An entry as a store has it. */
export interface KeptEntry extends Kept, KeptWords {
  readonly conversation: ConversationId
  readonly seq: number
  readonly message_id: MessageId
  readonly sender: UserId
  readonly at: number
  /** When the text was changed last. */
  readonly edited_at: number | null
  /** `Attachments` as JSON, without paths; `null` where there are none, and once it is deleted. */
  readonly attachments: string | null
}

/** What a reader's block of the sender does to an entry of that time. */
export type BlockRule =
  /** A page shows its place with nothing in it, and it is not pushed. */
  | "redacted"
  /** It tells nothing that its target does not, so pages show it; it is not pushed. */
  | "withheld"
  /** It is the group's, not its sender's. */
  | "shown"

/** What is left of an entry when its sender is erased. `flagged` is how a text says that it is not there. */
export type ErasureRule = "nothing" | "flagged" | "all"

export interface EntryKind<
  Kind extends string,
  Commands extends Record<string, Schema.Top>,
  New extends { readonly kind: Kind },
  Entry extends Schema.Top,
  Push extends Schema.Top
> {
  readonly kind: Kind
  /** The client frames that ask for it, by their `type`. */
  readonly commands: Commands
  readonly entry: Entry
  readonly push: Push
  /** What a command asks for, where that depends on nothing else. */
  readonly create?: (command: Commands[keyof Commands]["Type"]) => New
  readonly keep: (entry: New) => Kept
  /** As a page of history shows it. */
  readonly read: (kept: KeptEntry) => Entry["Type"]
  /** As it is pushed. The same facts; `entryOf` is the way back. */
  readonly pushOf: (conversation: ConversationId, entry: Entry["Type"]) => Push["Type"]
  readonly entryOf: (push: Push["Type"]) => Entry["Type"]
  readonly block: BlockRule
  readonly erasure: ErasureRule
  /** Whether lists of conversations show it as what was said last. */
  readonly isNews: boolean
  /** Whether plain clients hear it. */
  readonly isPlain: boolean
}

export const entryKind = <
  Kind extends string,
  Commands extends Record<string, Schema.Top>,
  New extends { readonly kind: Kind },
  Entry extends Schema.Top,
  Push extends Schema.Top
>(kind: EntryKind<Kind, Commands, New, Entry, Push>) => kind

export type Mutable<T> = { -readonly [K in keyof T]: T[K] }
