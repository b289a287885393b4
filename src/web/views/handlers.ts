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
  readonly react: (item: TextItem, emoji: string, remove: boolean) => void
  readonly jump: (seq: number) => void
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
