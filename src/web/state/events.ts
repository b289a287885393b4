/** What each event of the client does to the state. */
import type { ChatEvent, Entry } from "../../client/index.ts"
import { entryOf, isEntryPush } from "../../domain/entries/index.ts"
import type { GroupChange } from "../../domain/Entry.ts"
import { describeChange } from "../text/describe.ts"
import { withFiles } from "../text/files.ts"
import { words } from "../words/index.ts"
import { advance, pendingOf, readUpTo, saysRead, update } from "./conversations.ts"
import { withOne, without } from "./lists.ts"
import { addEntry, itemAt } from "./log.ts"
import { lookUp } from "./lookUp.ts"
import { isMentioned } from "./mentions.ts"
import type { Conversation, State } from "./model.ts"
import { namesOf } from "./names.ts"
import { noLongerUnseen, withProfiles } from "./people.ts"
import { settled } from "./recalled.ts"
import { withoutMessage } from "./uploads.ts"
import { wishesOf, withoutArchive } from "./wishes.ts"

const withoutTyping = (conversation: Conversation, user: string): Conversation =>
  conversation.typing.includes(user)
    ? { ...conversation, typing: conversation.typing.filter((each) => each !== user) }
    : conversation

const heardOf = (state: State, entry: Entry, conversation: Conversation): State["heard"] => {
  const names = namesOf(state)
  const text = entry.kind === "text" && entry.sender !== state.me && entry.deleted !== true
    ? words.list.sender(names.within(entry.sender), withFiles(entry.text ?? "", entry.attachments))
    : entry.kind === "group"
    ? describeChange(entry.sender, entry.change, state.me, names.within)
    : undefined
  if (text === undefined || entry.seq <= conversation.head || conversation.id !== state.open) return state.heard
  return [...state.heard.slice(-4), { key: `${conversation.id} ${entry.seq}`, text: text.slice(0, 500) }]
}

const afterChange = (before: Conversation, by: string, change: GroupChange, me: string): Conversation => {
  switch (change.action) {
    case "created":
    case "renamed":
      return { ...before, name: change.name }
    case "described":
      return change.name === undefined || change.name === "" ? before : { ...before, name: change.name }
    case "members_added":
    case "members_removed":
    case "members_banned":
      return change.members.some((user) => user === me)
        ? { ...before, gone: change.action !== "members_added" }
        : before
    case "joined":
      return by === me ? { ...before, gone: false } : before
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
  const known = lookUp(state.conversations, id)
  // Of one that is open its messages stay to be seen until there are those of the server.
  const before = known !== undefined && id !== state.open ? settled(known) : known
  const isNews = entry.kind === "text" && entry.deleted !== true && entry.sender !== state.me &&
    entry.seq > Math.max(before?.head ?? 0, before?.read ?? 0)
  const next = update(state, id, (conversation) => {
    const added = withoutTyping(addEntry(before ?? conversation, entry), entry.sender)
    const named = entry.kind === "group" ? afterChange(added, entry.sender, entry.change, state.me) : added
    const back = entry.kind === "text" && entry.seq > conversation.head ? withoutArchive(named) : named
    if (isNews) {
      return { ...back, unread: back.unread + 1, mentions: back.mentions + (isMentioned(entry, state.me) ? 1 : 0) }
    }
    if (!takesBack(conversation, entry, state.me)) return back
    const was = entry.kind === "delete" ? itemAt(conversation.items, entry.target) : undefined
    return {
      ...back,
      unread: Math.max(0, back.unread - 1),
      mentions: Math.max(0, back.mentions - (was !== undefined && isMentioned(was, state.me) ? 1 : 0))
    }
  })
  const conversation = next.conversations[id]!
  return {
    ...noLongerUnseen(next, entry.sender),
    heard: heardOf(state, entry, before ?? { ...conversation, head: 0 })
  }
}

export const reduceEvent = (state: State, event: ChatEvent): State => {
  if (isEntryPush(event)) return addLogged(state, event.conversation, entryOf(event))
  switch (event.type) {
    case "receipt":
      return update(state, event.conversation, (before) => {
        const next = { ...before, positions: advance(before.positions, event.user, event) }
        return event.user === state.me && saysRead(before, event.user, event)
          ? readUpTo(next, event.read, state.me)
          : next
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
        pending: withOne(state.pending, pending),
        uploads: withoutMessage(state.uploads, pending.id)
      }
    }
    case "accepted": {
      const { message: { id }, pushed } = event
      return {
        ...addLogged(state, pushed.conversation, entryOf(pushed)),
        pending: without(state.pending, id)
      }
    }
    case "failed":
      return {
        ...state,
        pending: state.pending.map((each) => each.id === event.message.id ? { ...each, failed: event.reason } : each)
      }
    case "profile":
      return withProfiles(state, [event])
    case "conversation_settings":
      return update(state, event.conversation, (before) => ({ ...before, wishes: wishesOf(event) }))
    case "settings":
      return { ...state, readPrivately: event.read_privately }
    case "auth_expiring":
      return { ...state, access: { _tag: "Ending", at: event.expires_at } }
    // Also what a later server may push.
    default:
      return state
  }
}
