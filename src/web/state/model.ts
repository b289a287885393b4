/** What the page knows. Everything in here is plain, immutable data. */
import type { ClientState, GroupInfo, PendingMessage, Target } from "../../client/index.ts"
import type { EntryOf, Kind } from "../../domain/entries/index.ts"
import type { Find, Finder } from "./find.ts"
import type { People } from "./person.ts"
import type { Upload } from "./upload.ts"

/** Who reacted with what; in the order in which each emoji came first. */
export interface Reaction {
  readonly emoji: string
  readonly users: ReadonlyArray<string>
}

/** A text as it is shown: with its latest words, which are empty when it was deleted. */
export interface TextItem extends EntryOf<"text"> {
  readonly text: string
  readonly reactions: ReadonlyArray<Reaction>
  /** Who deleted it, where that is known. */
  readonly deletedBy?: string
  /** Shown as it will be when what is on its way has arrived. */
  readonly waiting?: true
}

/** What a kind is to the page: a line of its own, or a later word about a text, or something put on one. */
export const parts = {
  text: "item",
  group: "item",
  edit: "amendment",
  delete: "amendment",
  reaction: "mark"
} as const satisfies Record<Kind, string>

type PartOf = typeof parts
type In<Part extends PartOf[Kind]> = EntryOf<{ [K in Kind]: PartOf[K] extends Part ? K : never }[Kind]>

/** One line of a conversation as it is shown. Edits, deletes and reactions are part of the text they are about. */
export type Item = TextItem | EntryOf<"group">

/** A later word about a text, which a page of history that was read before may not have. */
export type Amendment = In<"amendment">

/** What somebody put on a text, or took back. */
export type Mark = In<"mark">

export interface Position {
  readonly delivered: number
  readonly read: number
}

export interface Conversation {
  readonly id: string
  readonly kind: "direct" | "group"
  /** The other user, or the group's id. */
  readonly with: string
  readonly name: string
  /** Of the group. */
  readonly picture?: string | undefined
  readonly items: ReadonlyArray<Item>
  /** The part of the log that is held, both ends included; 0 and 0 hold nothing. */
  readonly low: number
  readonly high: number
  /** What is held ends before the newest, as it was loaded around an old place; live entries do not belong to it. */
  readonly past?: true
  /** Whether there is something older than `low`. */
  readonly hasMore: boolean
  readonly loading: boolean
  /** The furthest `seq` heard of. */
  readonly head: number
  /** The latest word of each user about each emoji on each message; entries may be learnt in any order. */
  readonly marks: Readonly<Record<number, ReadonlyArray<Mark>>>
  readonly amendments: Readonly<Record<number, Amendment>>
  readonly unread: number
  readonly read: number
  /** Unread texts that mention the user. */
  readonly mentions: number
  /** What the user wants of it, on all of their devices. */
  readonly wishes: Wishes
  readonly positions: Readonly<Record<string, Position>>
  readonly typing: ReadonlyArray<string>
  readonly info?: GroupInfo
  /** The user is no longer a member of this group. */
  readonly gone: boolean
  /** How far the user had read when they opened it, if there was something new; the line stands after it. */
  readonly newAfter?: number
  /** When something last happened here, for the order of the list. */
  readonly lastAt: number
  /** What replies answer and is further up than what is held. */
  readonly quoted?: Readonly<Record<number, Item>>
  /** What was said last, as the list told it; what is held may end before. */
  readonly last?: Item
  /** The list has told of it, and not only something that was said in it. */
  readonly listed?: true
  /** As this browser last showed it: nobody has said yet that it is still so. */
  readonly recalled?: true
}

/** How somebody has set up a conversation for themself. */
export interface Wishes {
  /** `forGood` without an end. */
  readonly mutedUntil?: number
  readonly mutesMentions?: true
  readonly archived?: true
  readonly markedUnread?: true
}

/** What is being written, and what about. */
export interface Draft {
  readonly text: string
  readonly editing?: TextItem
  readonly replying?: TextItem
}

/** Something that one wants to do to a message. */
export type Wish =
  | { readonly kind: "edit"; readonly text: string }
  | { readonly kind: "delete" }
  | { readonly kind: "react"; readonly emoji: string; readonly remove: boolean }

/** A wish on its way. */
export type Change = Wish & {
  readonly id: string
  readonly conversation: string
  readonly target: Target
  /** The message that it is about. */
  readonly seq: number
  readonly at: number
}

export interface Pending extends PendingMessage {
  readonly conversation: string
  /** Why the server does not want it, for good. */
  readonly failed?: string
  /** Its files are not there yet, and the client has not been told of it. */
  readonly uploading?: true
}

export interface Presence {
  readonly online: boolean
  readonly lastSeen: number | undefined
}

/** Something that the user is told over the page. */
export interface Notice {
  readonly id: number
  readonly text: string
  /** Where it is about. */
  readonly place?: { readonly conversation: string; readonly seq: number }
}

/** How long the user may go on with the token that they showed. */
export type Access =
  | { readonly _tag: "Good" }
  /** The server ends the session at this time. */
  | { readonly _tag: "Ending"; readonly at: number }
  | { readonly _tag: "Ended" }

export interface State {
  readonly me: string
  readonly link: ClientState
  readonly access: Access
  /** Whether the newest of the list are there, and whether there are more than are. */
  readonly listed: boolean
  readonly more: boolean
  readonly conversations: Readonly<Record<string, Conversation>>
  readonly pending: ReadonlyArray<Pending>
  readonly changes: ReadonlyArray<Change>
  readonly uploads: ReadonlyArray<Upload>
  readonly finds: { readonly [F in Finder]?: Find }
  readonly presence: Readonly<Record<string, Presence>>
  readonly people: People
  /** Others do not hear how far the user has read; missing until the server has said so. */
  readonly readPrivately?: boolean
  readonly blocked: ReadonlyArray<string>
  readonly open: string | undefined
  readonly notices: ReadonlyArray<Notice>
  /** The latest messages of others, for screen readers. */
  readonly heard: ReadonlyArray<{ readonly key: string; readonly text: string }>
}

export const initial = (me: string): State => ({
  me,
  link: { _tag: "Connecting" },
  access: { _tag: "Good" },
  listed: false,
  more: false,
  conversations: {},
  pending: [],
  changes: [],
  uploads: [],
  finds: {},
  presence: {},
  people: {},
  blocked: [],
  open: undefined,
  notices: [],
  heard: []
})
