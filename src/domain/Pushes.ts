/** How an entry of a log looks when it is pushed: the same facts as in a history page, as a frame of its own. */
import { isGroup } from "./Conversation.ts"
import type { Entry, TextEntry } from "./Entry.ts"
import type { ConversationId, GroupId } from "./Ids.ts"
import type { IncomingMessage, ServerFrame } from "./ServerFrame.ts"

const groupPrefix = "group:"

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

// Fields are set one by one, without spreads of what is mostly nothing: this runs once per delivered message.
const incomingMessage = (conversation: ConversationId, entry: TextEntry): IncomingMessage => {
  const frame: Mutable<IncomingMessage> = {
    type: "incoming_message",
    sender: entry.sender,
    text: entry.text ?? "",
    conversation,
    seq: entry.seq,
    message_id: entry.message_id,
    at: entry.at
  }
  if (isGroup(conversation)) frame.group = conversation.slice(groupPrefix.length) as GroupId
  if (entry.reply_to !== undefined) frame.reply_to = entry.reply_to
  if (entry.edited_at !== undefined) frame.edited_at = entry.edited_at
  if (entry.deleted !== undefined) frame.deleted = entry.deleted
  if (entry.hidden !== undefined) frame.hidden = entry.hidden
  return frame
}

export const pushFrame = (conversation: ConversationId, entry: Entry): ServerFrame => {
  if (entry.kind === "text") return incomingMessage(conversation, entry)
  const logged = {
    sender: entry.sender,
    conversation,
    seq: entry.seq,
    message_id: entry.message_id,
    at: entry.at
  }
  switch (entry.kind) {
    case "edit":
      return {
        type: "message_edited",
        ...logged,
        target: entry.target,
        ...(entry.text === undefined ? undefined : { text: entry.text })
      }
    case "delete":
      return { type: "message_deleted", ...logged, target: entry.target }
    case "reaction":
      return {
        type: "reaction",
        ...logged,
        target: entry.target,
        emoji: entry.emoji,
        ...(entry.remove === undefined ? undefined : { remove: entry.remove })
      }
    case "group":
      return {
        type: "group_changed",
        group: entry.group,
        conversation,
        seq: entry.seq,
        by: entry.sender,
        at: entry.at,
        change: entry.change
      }
  }
}
