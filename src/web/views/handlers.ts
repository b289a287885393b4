/** What views of a message are given. */
import type { TextItem } from "../state/model.ts"

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
  readonly sender: string
  readonly text: string
}
