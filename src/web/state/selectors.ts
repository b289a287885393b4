/** What views show, worked out from the state. */
import type { Attachment } from "../../domain/entries/Attachment.ts"
import { system } from "../../domain/Ids.ts"
import { describeChange } from "../text/describe.ts"
import { kindOf, withFiles } from "../text/files.ts"
import { plain } from "../text/format/index.ts"
import { words } from "../words/index.ts"
import { dressed, gone } from "./log.ts"
import { lookUp } from "./lookUp.ts"
import type { Change, Conversation, Item, Pending, Position, State, TextItem } from "./model.ts"
import { type Names, namesOf } from "./names.ts"
import { filesOf } from "./uploads.ts"

export type Tick = "pending" | "failed" | "accepted" | "delivered" | "read"

/** The list, latest first. */
export const sorted = (state: State): ReadonlyArray<Conversation> => {
  // One that was opened and where nothing was said yet is where one is about to write.
  const rank = ({ head, id, lastAt }: Conversation) =>
    head === 0 && lastAt === 0 && id === state.open ? Infinity : lastAt
  return Object.values(state.conversations)
    .filter(({ head, id, lastAt }) => head > 0 || lastAt > 0 || id === state.open)
    .sort((a, b) => rank(a) === rank(b) ? (a.name < b.name ? -1 : 1) : rank(b) - rank(a))
}

/** Those that are to be seen in the list, and those that are out of the way until something is said in them. */
export const folded = (all: ReadonlyArray<Conversation>) => ({
  shown: all.filter(({ wishes }) => wishes.archived !== true),
  archived: all.filter(({ wishes }) => wishes.archived === true)
})

export const pendingIn = (state: State, conversation: string): ReadonlyArray<Pending> =>
  state.pending.filter((each) => each.conversation === conversation)

const withReaction = (item: TextItem, me: string, emoji: string, remove: boolean): TextItem["reactions"] => {
  const known = item.reactions.find((each) => each.emoji === emoji)
  const others = known?.users.filter((user) => user !== me) ?? []
  const users = remove ? others : [...others, me]
  return known === undefined
    ? [...item.reactions, { emoji, users }]
    : item.reactions.flatMap((each) => each !== known ? each : users.length === 0 ? [] : { emoji, users })
}

const changedItem = (item: TextItem, change: Change, me: string): TextItem => {
  switch (change.kind) {
    case "edit":
      return { ...item, text: change.text, edited_at: change.at, waiting: true }
    case "delete":
      return { ...gone(item, me), waiting: true }
    case "react":
      return { ...item, reactions: withReaction(item, me, change.emoji, change.remove), waiting: true }
  }
}

/** The messages as they will be when everything that this user did to them has arrived. */
export const itemsWith = (items: ReadonlyArray<Item>, changes: ReadonlyArray<Change>, me: string) =>
  changes.reduce((all, change) => {
    const index = all.findIndex(({ seq }) => seq === change.seq)
    const item = all[index]
    if (item?.kind !== "text" || item.deleted === true) return all
    return all.with(index, changedItem(item, change, me))
  }, items)

const others = (conversation: Conversation, me: string): ReadonlyArray<string> =>
  conversation.kind === "direct"
    ? [conversation.with]
    : conversation.info?.members.map(({ user }) => user).filter((user) => user !== me) ??
      Object.keys(conversation.positions).filter((user) => user !== me)

/** How far all others have come: what one has not received yet has two ticks for nobody. */
export const reached = (conversation: Conversation, me: string): Position => {
  const users = others(conversation, me)
  if (users.length === 0) return { delivered: 0, read: 0 }
  const positions = users.map((user) => lookUp(conversation.positions, user) ?? { delivered: 0, read: 0 })
  return {
    delivered: Math.min(...positions.map(({ delivered, read }) => Math.max(delivered, read))),
    read: Math.min(...positions.map(({ read }) => read))
  }
}

export const tickOf = (seq: number, { delivered, read }: Position): Tick =>
  seq <= read ? "read" : seq <= delivered ? "delivered" : "accepted"

/** Whether this user is an owner or admin of the group. */
export const manages = ({ info }: Conversation, me: string): boolean =>
  info?.members.some(({ role, user }) => user === me && role !== "member") === true

/** With more unread messages than these a conversation opens at its end. */
export const mostUnread = 500

/** The first message that was new when the conversation was opened, as soon as all from there on is held. */
export const firstNew = ({ items, low, newAfter }: Conversation, me: string): number | undefined =>
  newAfter === undefined || low === 0 || low > newAfter + 1
    ? undefined
    : items.find(({ kind, sender, seq }) => seq > newAfter && kind === "text" && sender !== me)?.seq

/** Who has read a message, and who has it and has not, of all who are or were in the conversation. */
export const readersOf = (conversation: Conversation, seq: number, me: string) => {
  const positions = others(conversation, me).map((user) => [user, lookUp(conversation.positions, user)] as const)
  const read = positions.filter(([, at]) => (at?.read ?? 0) >= seq)
  const delivered = positions.filter(([, at]) => (at?.read ?? 0) < seq && (at?.delivered ?? 0) >= seq)
  return { read: read.map(([user]) => user), delivered: delivered.map(([user]) => user) }
}

/** What stands for a message whose words are not there, where there is little room. */
export const goneText = (
  { deleted, deletedBy, hidden, sender }: TextItem,
  me: string,
  { within }: Pick<Names, "within">
): string | undefined => {
  if (hidden === true) return words.message.hidden
  if (deleted !== true) return undefined
  if (deletedBy === undefined || deletedBy === sender) return words.message.deleted
  return deletedBy === system
    ? words.groups.deletedByOperator
    : words.groups.deletedBy(deletedBy === me ? words.people.you : within(deletedBy))
}

/** The same, where there is room. */
export const goneSentence = (item: TextItem, me: string, names: Pick<Names, "within">): string =>
  item.hidden === true ? words.message.hiddenBlocked : goneText(item, me, names) ?? words.message.deleted

const oneLine = (text: string): string => plain(text.slice(0, 200)).replaceAll(/\s+/g, " ").trim()

export interface Preview {
  readonly text: string
  /** Of one's own last message. */
  readonly tick?: Tick
  readonly soft?: true
}

/** What is held, or what the list told where that is later. */
const lastOf = (conversation: Conversation): Item | undefined => {
  const { items, last } = conversation
  const held = items.at(-1)
  return last === undefined || (held !== undefined && held.seq >= last.seq) ? held : dressed(conversation, last)
}

export const previewOf = (
  conversation: Conversation,
  pending: ReadonlyArray<Pending>,
  state: Pick<State, "me" | "people">
): Preview => {
  const { me } = state
  const names = namesOf(state)
  const waiting = pending.at(-1)
  if (waiting !== undefined) {
    return {
      text: oneLine(withFiles(waiting.text, filesOf(waiting))) || words.list.files,
      tick: waiting.failed === undefined ? "pending" : "failed"
    }
  }
  const last = lastOf(conversation)
  if (last === undefined) return { text: conversation.head === 0 ? words.list.sayHello : "", soft: true }
  if (last.kind === "group") return { text: describeChange(last.sender, last.change, me, names.within), soft: true }
  const tick = last.sender === me ? { tick: tickOf(last.seq, reached(conversation, me)) } : undefined
  const gone = goneText(last, me, names)
  if (gone !== undefined) return { text: gone, soft: true, ...tick }
  const text = oneLine(withFiles(last.text, last.attachments))
  const named = conversation.kind === "group" && last.sender !== me
  return { text: named ? words.list.sender(names.within(last.sender), text) : text, ...tick }
}

/** Items of one stretch of the log, which is drawn or left out as a whole while one scrolls. */
export interface Chunk {
  readonly key: number
  readonly items: ReadonlyArray<Item>
  /** The item before the first one. */
  readonly before: Item | undefined
}

const chunkSize = 16

export const chunkKeyOf = (seq: number): number => Math.floor(seq / chunkSize)

export const chunksOf = (items: ReadonlyArray<Item>): ReadonlyArray<Chunk> => {
  const chunks: Array<{ key: number; items: Array<Item>; before: Item | undefined }> = []
  for (const [index, item] of items.entries()) {
    const key = chunkKeyOf(item.seq)
    const last = chunks.at(-1)
    if (last?.key === key) last.items.push(item)
    else chunks.push({ key, items: [item], before: items[index - 1] })
  }
  return chunks
}

export interface Picture {
  readonly attachment: Attachment
  readonly seq: number
  readonly sender: string
  readonly at: number
}

/** All pictures of these messages, in their order. */
export const picturesOf = (items: ReadonlyArray<Item>): ReadonlyArray<Picture> =>
  items.flatMap((item) =>
    item.kind !== "text" || item.attachments === undefined
      ? []
      : item.attachments.filter((each) => kindOf(each) === "picture")
        .map((attachment) => ({ attachment, seq: item.seq, sender: item.sender, at: item.at }))
  )
