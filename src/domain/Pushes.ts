/** How an entry of a log looks when it is pushed: the same facts as in a history page, as a frame of its own. */
import type { Entry } from "./Entry.ts"
import type { ConversationId, GroupId } from "./Ids.ts"
import type { ServerFrame } from "./ServerFrame.ts"

const groupOf = (conversation: ConversationId): { readonly group: GroupId } | undefined =>
  conversation.startsWith("group:") ? { group: conversation.slice(6) as GroupId } : undefined

export const pushFrame = (conversation: ConversationId, entry: Entry): ServerFrame => {
  const logged = {
    sender: entry.sender,
    conversation,
    seq: entry.seq,
    message_id: entry.message_id,
    at: entry.at
  }
  switch (entry.kind) {
    case "text":
      return {
        type: "incoming_message",
        sender: entry.sender,
        text: entry.text ?? "",
        conversation,
        seq: entry.seq,
        message_id: entry.message_id,
        at: entry.at,
        ...groupOf(conversation),
        ...(entry.reply_to === undefined ? undefined : { reply_to: entry.reply_to }),
        ...(entry.edited_at === undefined ? undefined : { edited_at: entry.edited_at }),
        ...(entry.deleted === undefined ? undefined : { deleted: entry.deleted })
      }
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
