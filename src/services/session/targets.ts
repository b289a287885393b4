/** Which conversation a frame means. */
import type { Targeted } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { GroupId, UserId } from "../../domain/Ids.ts"

/** The group that a frame addresses, if it is one. */
export const groupOf = (frame: Targeted): GroupId | undefined => {
  if (frame.group !== undefined) return frame.group
  if (frame.conversation === undefined || !Conversation.isGroup(frame.conversation)) return undefined
  const parsed = Conversation.parse(frame.conversation)
  return parsed?.kind === "group" ? parsed.group : undefined
}

/** The other user of the direct conversation that a frame addresses. */
export const recipientOf = (frame: Targeted, user: UserId): UserId | ChatError => {
  if (frame.recipient !== undefined) return frame.recipient
  const parsed = frame.conversation === undefined ? undefined : Conversation.parse(frame.conversation)
  if (parsed?.kind !== "direct") return Errors.noConversation()
  return Conversation.peerOf(parsed.users, user) ?? Errors.noConversation()
}
