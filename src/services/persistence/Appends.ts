/** From a client's command to what the store keeps, and from what it kept to the entry that everyone sees. */
import { type ChatCommand, type Entry, entryAt, newEntryOf } from "../../domain/entries/index.ts"
import type { ConversationId, MessageId, UserId } from "../../domain/Ids.ts"
import type { Append } from "../storage/MessageStore.ts"

/** Sender, conversation, id and time are the server's word, whatever the frame says (P8). */
export const appendOf = (
  command: ChatCommand,
  conversation: ConversationId,
  sender: UserId,
  messageId: MessageId,
  at: number
): Append => ({ conversation, sender, clientId: command.id, messageId, at, ...newEntryOf(command) })

/** The entry that a fresh append became at `seq`, with the files that the store has found for it. */
export const entryOf = (append: Append, seq: number, attachments?: string): Entry => {
  const { at, conversation, messageId, sender } = append
  return entryAt({ conversation, seq, message_id: messageId, sender, at }, append, attachments)
}
