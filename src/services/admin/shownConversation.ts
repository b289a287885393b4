/** How conversations appear in log lines: the users in their names as `UserNames` says. */
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { toPart } from "../../domain/userIds.ts"

export const shownConversation = (id: ConversationId, nameOf: (user: string) => string): string => {
  const parsed = Conversation.parse(id)
  return parsed?.kind === "direct" ? `dm:${parsed.users.map((user) => toPart(nameOf(user))).join(":")}` : id
}
