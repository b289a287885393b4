/** Which conversations their user wants to hear of, and how much there is in them that was not read. */
import type { Conversation, State, Wishes } from "./model.ts"

const isMuted = ({ mutedUntil = 0 }: Wishes, now: number): boolean => mutedUntil > now

/** Whether a message there is told of: one that means the user is, unless mentions are muted as well. */
export const wants = (wishes: Wishes, mentioned: boolean, now: number): boolean =>
  !isMuted(wishes, now) || (mentioned && wishes.mutesMentions !== true)

const countOf = ({ mentions, unread, wishes }: Conversation, now: number): number => {
  if (isMuted(wishes, now)) return wishes.mutesMentions === true ? 0 : Math.min(mentions, unread)
  // Marked by hand it is one thing to come back to.
  return unread === 0 && wishes.markedUnread === true ? 1 : unread
}

/** What the title and the icon count: all that was not read, and of muted conversations what mentions the user. */
export const attention = (state: Pick<State, "conversations">, now: number): number =>
  Object.values(state.conversations).reduce((sum, conversation) => sum + countOf(conversation, now), 0)
