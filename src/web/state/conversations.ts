/** Conversations by their id, and what is known of one that nothing was heard of yet. */
import type { PendingMessage, Target } from "../../client/index.ts"
import * as ConversationId from "../../domain/Conversation.ts"
import type { ConversationId as Id, GroupId, UserId } from "../../domain/Ids.ts"
import { lookUp } from "./lookUp.ts"
import { isMentioned } from "./mentions.ts"
import type { Conversation, Pending, Position, State } from "./model.ts"

/** Which conversation a target means to this user. */
export const conversationOf = (target: Target, me: string): string => {
  if ("conversation" in target) return target.conversation
  return "group" in target
    ? ConversationId.group(target.group as GroupId)
    : ConversationId.direct(me as UserId, target.recipient as UserId)
}

/** How the server is told of a conversation, also of one that does not exist yet. */
export const targetOf = ({ kind, with: name }: Conversation): Target =>
  kind === "direct" ? { recipient: name } : { group: name }

/** A conversation of which only the id is known. */
export const emptyConversation = (id: string, me: string): Conversation => {
  const parsed = ConversationId.parse(id as Id)
  const peer = parsed?.kind === "direct" ? ConversationId.peerOf(parsed.users, me as UserId) : undefined
  const name = parsed?.kind === "group" ? parsed.group : peer ?? id
  return {
    id,
    kind: parsed?.kind ?? "direct",
    with: name,
    name: parsed?.kind === "group" ? "Group" : name,
    items: [],
    low: 0,
    high: 0,
    hasMore: false,
    loading: false,
    head: 0,
    marks: {},
    amendments: {},
    unread: 0,
    read: 0,
    mentions: 0,
    wishes: {},
    positions: {},
    typing: [],
    gone: false,
    lastAt: 0
  }
}

export const update = (state: State, id: string, change: (before: Conversation) => Conversation): State => {
  const before = lookUp(state.conversations, id)
  const after = change(before ?? emptyConversation(id, state.me))
  return after === before ? state : { ...state, conversations: { ...state.conversations, [id]: after } }
}

/** Positions never go back. */
export const advance = (
  positions: Conversation["positions"],
  user: string,
  { delivered, read }: Position
): Conversation["positions"] => {
  const known = lookUp(positions, user)
  return {
    ...positions,
    [user]: { delivered: Math.max(known?.delivered ?? 0, delivered), read: Math.max(known?.read ?? 0, read) }
  }
}

export const pendingOf = (message: PendingMessage, me: string): Pending => ({
  ...message,
  conversation: conversationOf(message.target, me)
})

const unreadAfter = (conversation: Conversation, upTo: number, me: string): number =>
  upTo >= conversation.head
    ? 0
    : conversation.items.filter((item) => item.kind === "text" && item.seq > upTo && item.sender !== me).length

const mentionsAfter = (conversation: Conversation, upTo: number, me: string): number =>
  upTo >= conversation.head
    ? 0
    : conversation.items.filter((item) => item.seq > upTo && isMentioned(item, me)).length

/** Whether there is something for its user to read there. */
export const isUnread = ({ unread, wishes }: Conversation): boolean => unread > 0 || wishes.markedUnread === true

/**
 * Whether a receipt of the user's own says that they have read on another device, be it at a place they had read before. One
 * that moves only what was delivered says that a device has received something, which ends no mark.
 */
export const saysRead = ({ positions, read }: Conversation, me: string, receipt: Position): boolean =>
  receipt.read > read || receipt.delivered <= Math.max(lookUp(positions, me)?.delivered ?? 0, receipt.read)

/** The user has read up to here, on this device or another. */
export const readUpTo = (conversation: Conversation, upTo: number, me: string): Conversation => {
  if (upTo <= conversation.read && !isUnread(conversation)) return conversation
  const { markedUnread: _, ...wishes } = conversation.wishes
  return {
    ...conversation,
    read: Math.max(conversation.read, upTo),
    unread: unreadAfter(conversation, upTo, me),
    mentions: mentionsAfter(conversation, upTo, me),
    wishes
  }
}
