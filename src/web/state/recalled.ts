/**
 * What this browser last showed: what is kept of the state, and what becomes of it when the page is opened again. It is
 * shown until the server has told how things are, and nothing of it is taken for true then.
 */
import { emptyConversation } from "./conversations.ts"
import { lookUp } from "./lookUp.ts"
import type { Conversation, Item, State } from "./model.ts"
import type { People } from "./person.ts"

export const maxConversations = 50
export const maxItems = 50

/** A conversation as it is kept. */
export interface Kept {
  readonly id: string
  readonly conversation: Conversation
  /** What those in it are called. */
  readonly names?: Readonly<Record<string, string>>
}

/** Without the addresses of files, which end, and without pictures of any size. */
const bare = (item: Item): Item =>
  item.kind !== "text" || item.attachments === undefined
    ? item
    : { ...item, attachments: item.attachments.map(({ preview: _, url: __, ...attachment }) => attachment) }

/** Nothing of an old place, of which the newest messages are not known. */
const newest = ({ items, past }: Conversation): ReadonlyArray<Item> =>
  past === true ? [] : items.slice(-maxItems).map(bare)

const kept = (conversation: Conversation, positions: Conversation["positions"]): Conversation => {
  const { info: _, last, newAfter: _new, past: _past, quoted: _quoted, ...rest } = conversation
  const items = newest(conversation)
  return {
    ...rest,
    items,
    low: items[0]?.seq ?? 0,
    high: items.length === 0 ? 0 : conversation.high,
    hasMore: false,
    loading: false,
    marks: {},
    amendments: {},
    typing: [],
    positions,
    ...(last === undefined ? undefined : { last: bare(last) }),
    recalled: true
  }
}

/** What is worth keeping: the latest conversations, each with its newest messages as far as they are held. */
export const keptOf = ({ conversations }: Pick<State, "conversations">): ReadonlyArray<Conversation> =>
  Object.values(conversations)
    .filter(({ gone, head, lastAt }) => !gone && (head > 0 || lastAt > 0))
    .sort((a, b) => b.lastAt - a.lastAt)
    .slice(0, maxConversations)

const usersIn = (item: Item): ReadonlyArray<string> => {
  if (item.kind === "text") return [item.sender, ...item.mentions ?? []]
  const members = "members" in item.change ? item.change.members : []
  return [item.sender, ...members.map((member) => typeof member === "string" ? member : member.user)]
}

const namesIn = ({ items, kind, last, with: peer }: Conversation, people: People): Readonly<Record<string, string>> => {
  const users = [...items, ...last === undefined ? [] : [last]].flatMap(usersIn)
  return Object.fromEntries(
    [...kind === "direct" ? [peer] : [], ...users].flatMap((user) => {
      const name = lookUp(people, user)?.name
      return name === undefined ? [] : [[user, name]]
    })
  )
}

/** As it is written. Who has read what in a group is too much to keep. */
export const keep = (before: Conversation, people: People): Kept => {
  const conversation = kept(before, before.kind === "direct" ? before.positions : {})
  return { id: conversation.id, conversation, names: namesIn(conversation, people) }
}

/** Nothing has been heard of it here, whether or not it is open. */
const isBlank = ({ head, items, listed }: Conversation): boolean => head === 0 && items.length === 0 && listed !== true

/** Shows it; what the server has told meanwhile stays. */
export const recall = (
  state: State,
  all: ReadonlyArray<Conversation>,
  names: NonNullable<Kept["names"]> = {}
): State => {
  if (state.listed) return state
  const people = Object.entries(names).map(([user, name]) => [user, { name, recalled: true }] as const)
  const shown = all.filter(({ id }) => isBlank(lookUp(state.conversations, id) ?? emptyConversation(id, state.me)))
  return {
    ...state,
    conversations: { ...state.conversations, ...Object.fromEntries(shown.map((each) => [each.id, each])) },
    people: { ...Object.fromEntries(people), ...state.people }
  }
}

/** Before what the server says of it: nothing but the messages stays, until it tells those, too. */
export const renewed = ({ last: _, ...conversation }: Conversation): Conversation => ({
  ...conversation,
  head: 0,
  read: 0,
  unread: 0,
  mentions: 0,
  lastAt: 0,
  positions: {}
})

/** Without its messages, which may have been deleted since. */
export const emptied = ({ last: _, recalled: _recalled, ...conversation }: Conversation): Conversation => ({
  ...conversation,
  items: [],
  low: 0,
  high: 0,
  marks: {},
  amendments: {}
})

/** The server has listed these: what is recalled of others is not true any more, or not known to be. */
export const confirmed = (before: State, listed: ReadonlySet<string>): State => {
  // Another object, so that all who are shown are asked for.
  const state = before.listed ? before : { ...before, people: { ...before.people } }
  const all = Object.values(state.conversations)
  if (!all.some(({ recalled }) => recalled === true)) return state
  return {
    ...state,
    conversations: Object.fromEntries(
      all.filter(({ id, recalled }) => recalled !== true || listed.has(id) || id === state.open)
        // Of the open one the messages stay until those of the server are there.
        .map((each) => [each.id, each.recalled === true && each.id !== state.open ? emptied(renewed(each)) : each])
    )
  }
}

/** Nothing of it may be shown any longer. */
export const forgotten = (state: State): State => ({
  ...state,
  people: Object.fromEntries(Object.entries(state.people).filter(([, { recalled }]) => recalled !== true)),
  conversations: Object.fromEntries(
    Object.entries(state.conversations).flatMap(([id, each]) =>
      each.recalled !== true ? [[id, each]] : id === state.open ? [[id, emptied(each)]] : []
    )
  )
})

/** Before a page of the server, which takes the place of what is recalled. */
export const settled = (conversation: Conversation): Conversation =>
  conversation.recalled === true ? emptied(conversation) : conversation
