/** What views are given. */
import type { Session } from "../app/session.ts"
import type { State, TextItem } from "../state/model.ts"

/** Views of somebody who is signed in. */
export interface SignedIn {
  readonly state: State
  readonly session: Session
  readonly now: number
}

/** What can be done with a message. The same object for all messages of a conversation. */
export interface MessageHandlers {
  readonly reply: (item: TextItem) => void
  readonly edit: (item: TextItem) => void
  readonly remove: (item: TextItem) => void
  /** Whether the user may delete it: their own, and that of anybody where they are owner or admin. */
  readonly mayRemove: (item: TextItem) => boolean
  readonly report: (item: TextItem, reason: string) => void
  readonly react: (item: TextItem, emoji: string, remove: boolean) => void
  /** Looks for an emoji among all of them. */
  readonly chooseEmoji: (item: TextItem) => void
  readonly jump: (seq: number) => void
  /** Shows a picture of the message large. */
  readonly view: (seq: number, file: string) => void
  /** A file of the message cannot be had: its path may have ended. */
  readonly renew: (seq: number) => Promise<void>
  /** Where a picture is that went up from here. */
  readonly ownPicture: (file: string) => string | undefined
  /** A reply to this one is drawn, and it is not held. */
  readonly quote: (seq: number) => void
}

/** How far a message came, by name. */
export interface Readers {
  readonly read: ReadonlyArray<string>
  readonly delivered: ReadonlyArray<string>
}

/** The message that one answers. */
export interface Quote {
  readonly quotedBy?: string
  readonly quoted?: string
}
