/** What each event of the client does to the state. */
import type { ChatEvent, Entry } from "../../client/index.ts"
import { entryOf, isEntryPush } from "../../domain/entries/index.ts"
import type { GroupChange } from "../../domain/Entry.ts"
import { describeChange } from "../text/describe.ts"
import { advance, pendingOf, readUpTo, update } from "./conversations.ts"
import { withOne, without } from "./lists.ts"
import { addEntry, itemAt } from "./log.ts"
import { lookUp } from "./lookUp.ts"
import type { Conversation, State } from "./model.ts"

const withoutTyping = (conversation: Conversation, user: string): Conversation =>
  conversation.typing.includes(user)
    ? { ...conversation, typing: conversation.typing.filter((each) => each !== user) }
    : conversation

const heardOf = (state: State, entry: Entry, conversation: Conversation): State["heard"] => {
  const text = entry.kind === "text" && entry.sender !== state.me && entry.deleted !== true
    ? `${entry.sender}: ${entry.text ?? ""}`
    : entry.kind === "group"
    ? describeChange(entry.sender, entry.change, state.me)
    : undefined
  if (text === undefined || entry.seq <= conversation.head || conversation.id !== state.open) return state.heard
  return [...state.heard.slice(-4), { key: `${conversation.id} ${entry.seq}`, text: text.slice(0, 500) }]
}

const afterChange = (before: Conversation, by: string, change: GroupChange, me: string): Conversation => {
  switch (change.action) {
    case "created":
    case "renamed":
      return { ...before, name: change.name }
    case "members_added":
    case "members_removed":
      return change.members.some((user) => user === me)
        ? { ...before, gone: change.action !== "members_added" }
        : before
    case "left":
      return by === me ? { ...before, gone: true } : before
    default:
      return before
  }
}

/** Something that was counted as unread is not there any more. The operator deletes also what was never counted. */
const takesBack = (before: Conversation, entry: Entry, me: string): boolean =>
  entry.kind === "delete" && entry.sender !== me && entry.target > before.read && entry.seq > before.head &&
  itemAt(before.items, entry.target)?.sender !== me && before.amendments[entry.target]?.kind !== "delete"

/** An entry that is new in a log, whoever made it. */
export const addLogged = (state: State, id: string, entry: Entry): State => {
  const before = lookUp(state.conversations, id)
  const isNews = entry.kind === "text" && entry.deleted !== true && entry.sender !== state.me &&
    entry.seq > Math.max(before?.head ?? 0, before?.read ?? 0)
  const next = update(state, id, (conversation) => {
    const added = withoutTyping(addEntry(conversation, entry), entry.sender)
    const named = entry.kind === "group" ? afterChange(added, entry.sender, entry.change, state.me) : added
    if (isNews) return { ...named, unread: named.unread + 1 }
    return takesBack(conversation, entry, state.me) ? { ...named, unread: Math.max(0, named.unread - 1) } : named
  })
  const conversation = next.conversations[id]!
  return { ...next, heard: heardOf(state, entry, before ?? { ...conversation, head: 0 }) }
}

export const reduceEvent = (state: State, event: ChatEvent): State => {
  if (isEntryPush(event)) return addLogged(state, event.conversation, entryOf(event))
  switch (event.type) {
    case "receipt":
      return update(state, event.conversation, (before) => {
        const next = { ...before, positions: advance(before.positions, event.user, event) }
        return event.user === state.me ? readUpTo(next, event.read, state.me) : next
      })
    case "presence": {
      const presence = { online: event.status === "online", lastSeen: event.last_seen }
      return { ...state, presence: { ...state.presence, [event.user]: presence } }
    }
    case "typing":
      return update(state, event.conversation, (before) => {
        if (event.user === state.me) return before
        if (!event.active) return withoutTyping(before, event.user)
        return before.typing.includes(event.user) ? before : { ...before, typing: [...before.typing, event.user] }
      })
    case "pending": {
      const pending = pendingOf(event.message, state.me)
      return {
        ...update(state, pending.conversation, (before) => ({
          ...before,
          lastAt: Math.max(before.lastAt, pending.at)
        })),
        pending: withOne(state.pending, pending)
      }
    }
    case "accepted": {
      const { message: { id }, pushed } = event
      return { ...addLogged(state, pushed.conversation, entryOf(pushed)), pending: without(state.pending, id) }
    }
    case "failed":
      return {
        ...state,
        pending: state.pending.map((each) => each.id === event.message.id ? { ...each, failed: event.reason } : each)
      }
    case "auth_expiring":
      return { ...state, access: { _tag: "Ending", at: event.expires_at } }
    // Also what a later server may push.
    default:
      return state
  }
}
