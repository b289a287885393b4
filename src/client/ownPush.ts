/** What this client added to a log, as the others are pushed it: the server tells its maker by an answer alone. */
import type { ChatCommand } from "../domain/ClientFrame.ts"
import { entryAt, newEntryOf, pushFrame } from "../domain/entries/index.ts"
import type { UserId } from "../domain/Ids.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import type { Command, LogEvent } from "./types.ts"

export const ownPush = (command: Command, accepted: MessageAccepted, sender: UserId): LogEvent => {
  const { at, conversation, message_id, seq } = accepted
  const entry = newEntryOf(command as ChatCommand)
  return pushFrame(conversation, entryAt({ conversation, seq, message_id, sender, at }, entry))
}
