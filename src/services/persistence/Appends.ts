/** From a client's command to what the store keeps, and from what it kept to the entry that everyone sees. */
import type { ChatCommand } from "../../domain/ClientFrame.ts"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId, MessageId, UserId } from "../../domain/Ids.ts"
import type { Append } from "../storage/MessageStore.ts"

/** Sender, conversation, id and time are the server's word, whatever the frame says (P8). */
export const appendOf = (
  command: ChatCommand,
  conversation: ConversationId,
  sender: UserId,
  messageId: MessageId,
  at: number
): Append => {
  const clientId = command.id
  switch (command.type) {
    case "chat_message":
      return {
        kind: "text",
        conversation,
        sender,
        clientId,
        messageId,
        at,
        text: command.text,
        replyTo: command.reply_to
      }
    case "edit_message":
      return { kind: "edit", conversation, sender, clientId, messageId, at, target: command.seq, text: command.text }
    case "delete_message":
      return { kind: "delete", conversation, sender, clientId, messageId, at, target: command.seq }
    case "react":
      return {
        kind: "reaction",
        conversation,
        sender,
        clientId,
        messageId,
        at,
        target: command.seq,
        emoji: command.emoji,
        remove: command.remove ?? false
      }
  }
}

/** The entry that a fresh append became at `seq`. */
export const entryOf = (append: Append, seq: number): Entry => {
  if (append.kind === "text" && append.replyTo === undefined) {
    const { at, messageId, sender, text } = append
    return { kind: "text", seq, message_id: messageId, sender, at, text }
  }
  const common = { seq, message_id: append.messageId, sender: append.sender, at: append.at }
  switch (append.kind) {
    case "text":
      return {
        kind: "text",
        ...common,
        text: append.text,
        ...(append.replyTo === undefined ? undefined : { reply_to: append.replyTo })
      }
    case "edit":
      return { kind: "edit", ...common, target: append.target, text: append.text }
    case "delete":
      return { kind: "delete", ...common, target: append.target }
    case "reaction":
      return {
        kind: "reaction",
        ...common,
        target: append.target,
        emoji: append.emoji,
        ...(append.remove ? { remove: true as const } : undefined)
      }
    case "group":
      return { kind: "group", ...common, group: append.group, change: append.change }
  }
}
