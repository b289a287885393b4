/** What this client added to a log, as the others are pushed it: the server tells its maker by an answer alone. */
import { defined } from "../domain/defined.ts"
import { pushFrame } from "../domain/entries/index.ts"
import type { Entry } from "../domain/Entry.ts"
import type { UserId } from "../domain/Ids.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import type { Command, LogEvent } from "./types.ts"

export const ownPush = (command: Command, accepted: MessageAccepted, sender: UserId): LogEvent => {
  const { at, conversation, message_id, seq } = accepted
  return pushFrame(conversation, { seq, message_id, sender, at, ...contentOf(command) }) as LogEvent
}

type Content<E = Entry> = E extends Entry ? Omit<E, "seq" | "message_id" | "sender" | "at"> : never

const contentOf = (command: Command): Content => {
  switch (command.type) {
    case "chat_message":
      return { kind: "text", text: command.text, ...defined({ reply_to: command.reply_to }) }
    case "edit_message":
      return { kind: "edit", target: command.seq, text: command.text }
    case "delete_message":
      return { kind: "delete", target: command.seq }
    case "react":
      return {
        kind: "reaction",
        target: command.seq,
        emoji: command.emoji,
        ...(command.remove === true ? { remove: true } : undefined)
      }
  }
}
