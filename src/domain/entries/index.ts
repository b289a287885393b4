/** All kinds of entries that a log may hold. What asks for them, shows them and pushes them follows from this table. */
import { Schema } from "effect"
import type { ConversationId } from "../Ids.ts"
import { deletion, type NewDelete } from "./Delete.ts"
import { edit, type NewEdit } from "./Edit.ts"
import type { BlockRule, ErasureRule, Kept, KeptEntry, KeptWords } from "./EntryKind.ts"
import { group, type NewGroupChange } from "./Group.ts"
import { type NewReaction, reaction } from "./Reaction.ts"
import { type NewText, text } from "./Text.ts"

export const entryKinds = { text, edit, delete: deletion, reaction, group } as const

export type Kind = keyof typeof entryKinds
type Kinds = { readonly [K in Kind]: (typeof entryKinds)[K] }

export const kinds = Object.keys(entryKinds) as ReadonlyArray<Kind>

/** What somebody asks a log to hold. */
export type NewEntry = NewText | NewEdit | NewDelete | NewReaction | NewGroupChange

export const Entry = Schema.Union(Object.values(entryKinds).map(({ entry }) => entry))
export type Entry = typeof Entry.Type
/** An entry of that kind. */
export type EntryOf<K extends Kind> = Extract<Entry, { readonly kind: K }>

type Intersection<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never
type CommandsOf<K extends Kind> = Intersection<Kinds[K]["commands"]>
type CommandOf<K extends Kind> = CommandsOf<K>[keyof CommandsOf<K>] extends Schema.Schema<infer A> ? A : never

/** The client frames that ask for an entry, by their `type`. */
export const entryCommands = Object.assign(
  {},
  ...Object.values(entryKinds).map(({ commands }) => commands)
) as CommandsOf<
  Kind
>

/** A frame that changes a group. */
export type GroupCommand = CommandOf<"group">
/** A frame that adds any other entry to a conversation's log. */
export type ChatCommand = CommandOf<Exclude<Kind, "group">>

const kindOfCommand = new Map<string, Kind>(
  kinds.flatMap((kind) => Object.keys(entryKinds[kind].commands).map((type) => [type, kind]))
)

export const isGroupCommand = <F extends { readonly type: string }>(frame: F): frame is F & GroupCommand =>
  kindOfCommand.get(frame.type) === "group"

export const isChatCommand = <F extends { readonly type: string }>(frame: F): frame is F & ChatCommand =>
  kindOfCommand.has(frame.type) && !isGroupCommand(frame)

type PushOf<K extends Kind> = Kinds[K]["push"]
export type EntryPush = PushOf<Kind>["Type"]

/** The server frames that push an entry, by their `type`. */
export const entryPushes = Object.fromEntries(
  Object.values(entryKinds).map(({ push }) => [push.fields.type.literal, push])
) as { readonly [K in Kind as PushOf<K>["Type"]["type"]]: PushOf<K> }

const kindOfPush = new Map<string, Kind>(kinds.map((kind) => [entryKinds[kind].push.fields.type.literal, kind]))

export const isEntryPush = <F extends { readonly type: string }>(frame: F): frame is F & EntryPush =>
  kindOfPush.has(frame.type)

/** A kind whose entries are not told apart here; whoever takes one from the table gives it its own. */
interface AnyKind {
  readonly create: (command: ChatCommand) => NewEntry
  readonly keep: (entry: NewEntry) => Kept
  readonly read: (kept: KeptEntry) => Entry
  readonly pushOf: (conversation: ConversationId, entry: Entry) => EntryPush
  readonly entryOf: (push: EntryPush) => Entry
  readonly block: BlockRule
  readonly erasure: ErasureRule
  readonly isNews: boolean
  readonly isPlain: boolean
}

// Seen from outside, each kind takes the entries of all; the compiler cannot know that the key and the entry agree.
const table = entryKinds as unknown as Record<Kind, AnyKind>

/** The rules of a kind, apart from its shapes. */
export const rulesOf = (kind: Kind): Pick<AnyKind, "block" | "erasure" | "isNews" | "isPlain"> => table[kind]

export const newEntryOf = (command: ChatCommand): NewEntry => table[kindOfCommand.get(command.type)!].create(command)

/** The `seq` of the entry that it is about, or replies to. */
export const aboutOf = (entry: NewEntry): number | undefined =>
  "target" in entry ? entry.target : "replyTo" in entry ? entry.replyTo : undefined

export const keep = (entry: NewEntry): Kept => table[entry.kind].keep(entry)

const wordless: KeptWords = { mentions: null, data: null }

/** What it has beside its words. Most have nothing, and make nothing. */
export const wordsOf = (entry: NewEntry): KeptWords => {
  if (entry.kind === "text") {
    const { data, mentions } = entry
    if (data === undefined && mentions === undefined) return wordless
    return { mentions: mentions === undefined ? null : JSON.stringify(mentions), data: data ?? null }
  }
  return entry.kind === "edit" && entry.data !== undefined ? { mentions: null, data: entry.data } : wordless
}

export const readEntry = (kept: KeptEntry & { readonly kind: Kind }): Entry => table[kept.kind].read(kept)

/** The entry that something new becomes at its place. */
export const entryAt = (
  place: Omit<KeptEntry, keyof Kept | keyof KeptWords | "edited_at" | "attachments">,
  entry: NewEntry,
  attachments: string | null = null
): Entry => readEntry({ ...place, kind: entry.kind, ...keep(entry), ...wordsOf(entry), edited_at: null, attachments })

/** How an entry of a log looks when it is pushed: the same facts as in a history page, as a frame of its own. */
export const pushFrame = (conversation: ConversationId, entry: Entry): EntryPush =>
  table[entry.kind].pushOf(conversation, entry)

/** The way back from `pushFrame`. A pushed change of a group has no message id. */
export const entryOf = (push: EntryPush): Entry => table[kindOfPush.get(push.type)!].entryOf(push)
