/** What a user wants of a conversation for themself, as the server tells it. */
import type { ConversationSettings } from "../../client/index.ts"
import { forGood } from "../../domain/frames/Preferences.ts"
import type { Conversation, Wishes } from "./model.ts"

type Told = Pick<ConversationSettings, "archived" | "marked_unread" | "muted_until" | "mutes_mentions">

export const wishesOf = ({ archived, marked_unread, muted_until, mutes_mentions }: Told): Wishes => ({
  ...(muted_until === undefined || muted_until === 0 ? undefined : { mutedUntil: muted_until }),
  ...(mutes_mentions === true ? { mutesMentions: true } : undefined),
  ...(archived === true ? { archived: true } : undefined),
  ...(marked_unread === true ? { markedUnread: true } : undefined)
})

export const withMute = (
  { mutedUntil: _, mutesMentions: __, ...rest }: Wishes,
  { mentions, until }: { readonly until: number; readonly mentions: boolean }
): Wishes => ({
  ...rest,
  ...(until === 0 ? undefined : { mutedUntil: until }),
  ...(until !== 0 && mentions ? { mutesMentions: true } : undefined)
})

/** Until when nobody is to be told of what is said there; nothing where it is not muted, or not any more. */
export const mutedUntil = ({ wishes }: Conversation, now: number): number | undefined =>
  wishes.mutedUntil !== undefined && wishes.mutedUntil > now ? wishes.mutedUntil : undefined

export const isForGood = (until: number): boolean => until >= forGood

/** The next message brings it back. */
export const withoutArchive = (conversation: Conversation): Conversation => {
  if (conversation.wishes.archived === undefined) return conversation
  const { archived: _, ...wishes } = conversation.wishes
  return { ...conversation, wishes }
}
