/** What views show, worked out from the state. */
import { describeChange } from "../text/describe.ts"
import { dressed } from "./log.ts"
import { lookUp } from "./lookUp.ts"
import type { Change, Conversation, Item, Pending, Position, State, TextItem } from "./model.ts"

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
      return { ...item, text: "", deleted: true, reactions: [], waiting: true }
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

export const unreadTotal = (state: State): number =>
  Object.values(state.conversations).reduce((sum, { unread }) => sum + unread, 0)

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
export const goneText = ({ deleted, hidden }: TextItem): string | undefined =>
  hidden === true ? "Message hidden" : deleted === true ? "Message deleted" : undefined

const oneLine = (text: string): string =>
  text.slice(0, 200).replaceAll(/```(?:[A-Za-z0-9+#.-]*\n)?|`/g, "").replaceAll(/\s+/g, " ").trim()

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
  { me }: Pick<State, "me">
): Preview => {
  const waiting = pending.at(-1)
  if (waiting !== undefined) {
    return { text: oneLine(waiting.text), tick: waiting.failed === undefined ? "pending" : "failed" }
  }
  const last = lastOf(conversation)
  if (last === undefined) return { text: conversation.head === 0 ? "Say hello" : "", soft: true }
  if (last.kind === "group") return { text: describeChange(last.sender, last.change, me), soft: true }
  const tick = last.sender === me ? { tick: tickOf(last.seq, reached(conversation, me)) } : undefined
  const gone = goneText(last)
  if (gone !== undefined) return { text: gone, soft: true, ...tick }
  const from = conversation.kind === "group" && last.sender !== me ? `${last.sender}: ` : ""
  return { text: from + oneLine(last.text), ...tick }
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
