/** What views of a message are given. */
import type { TextItem } from "../state/model.ts"

/** What can be done with a message. The same object for all messages of a conversation. */
export interface MessageHandlers {
  readonly reply: (item: TextItem) => void
  readonly edit: (item: TextItem) => void
  readonly remove: (item: TextItem) => void
  readonly react: (item: TextItem, emoji: string, remove: boolean) => void
  readonly jump: (seq: number) => void
}

/** The message that one answers. */
export interface Quote {
  readonly sender: string
  readonly text: string
}
