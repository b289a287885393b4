/**
 * The log of one conversation: pages of history and live entries become items in rising `seq`. Both may overlap and
 * come in any order; the outcome is the same.
 */
import type { Entry, HistoryPage } from "../../client/index.ts"
import { rulesOf } from "../../domain/entries/index.ts"
import {
  type Amendment,
  type Conversation,
  type Item,
  type Mark,
  parts,
  type Reaction,
  type TextItem
} from "./model.ts"

const reactionsOf = (marks: ReadonlyArray<Mark>): ReadonlyArray<Reaction> => {
  const on = marks.filter(({ remove }) => remove !== true).sort((a, b) => a.seq - b.seq)
  return Array.from(new Set(on.map(({ emoji }) => emoji)), (emoji) => ({
    emoji,
    users: on.filter((mark) => mark.emoji === emoji).map(({ sender }) => sender)
  }))
}

const isMark = (entry: Entry): entry is Mark => parts[entry.kind] === "mark"

const amended = (item: TextItem, amendment: Amendment | undefined): TextItem => {
  if (amendment === undefined || item.deleted === true) return item
  if (amendment.kind === "delete") return { ...item, text: "", deleted: true, reactions: [] }
  if (amendment.text === undefined || (item.edited_at ?? 0) > amendment.at) return item
  return { ...item, text: amendment.text, edited_at: amendment.at }
}

/** Where `seq` is, or would be. */
const indexOf = (items: ReadonlyArray<Item>, seq: number): number => {
  let from = 0
  let to = items.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (items[middle]!.seq < seq) from = middle + 1
    else to = middle
  }
  return from
}

export const itemAt = (items: ReadonlyArray<Item>, seq: number): Item | undefined => {
  const item = items[indexOf(items, seq)]
  return item?.seq === seq ? item : undefined
}

const replace = (items: ReadonlyArray<Item>, seq: number, change: (item: TextItem) => TextItem) => {
  const index = indexOf(items, seq)
  const item = items[index]
  if (item?.seq !== seq || item.kind !== "text") return items
  const changed = change(item)
  return changed === item ? items : items.with(index, changed)
}

const merge = (items: ReadonlyArray<Item>, more: ReadonlyArray<Item>): ReadonlyArray<Item> => {
  const last = items.at(-1)
  if (last === undefined || more.length === 0) return items.length === 0 ? more : items
  if (more[0]!.seq > last.seq) return [...items, ...more]
  const bySeq = new Map(items.map((item) => [item.seq, item]))
  for (const item of more) bySeq.set(item.seq, item)
  return Array.from(bySeq.values()).sort((a, b) => a.seq - b.seq)
}

/** What an entry is by itself, before what others say about it. */
export const itemOf = (entry: Entry): Item | undefined => {
  if (entry.kind === "text") return { ...entry, text: entry.text ?? "", reactions: [] }
  return entry.kind === "group" ? entry : undefined
}

const withMark = (marks: Conversation["marks"], mark: Mark): Conversation["marks"] => {
  const before = marks[mark.target] ?? []
  const same = before.find(({ emoji, sender }) => emoji === mark.emoji && sender === mark.sender)
  if (same !== undefined && same.seq >= mark.seq) return marks
  return { ...marks, [mark.target]: [...before.filter((each) => each !== same), mark] }
}

export const dressed = (conversation: Conversation, item: Item): Item => {
  if (item.kind === "group") return item
  const latest = amended(item, conversation.amendments[item.seq])
  const marks = conversation.marks[item.seq]
  return marks === undefined || latest.deleted === true ? latest : { ...latest, reactions: reactionsOf(marks) }
}

const latestAt = (before: number, entries: ReadonlyArray<Entry>): number => {
  const spoken = entries.findLast(({ kind }) => rulesOf(kind).isNews)
  return spoken === undefined ? before : Math.max(before, spoken.at)
}

/** What a page of history tells. A page that does not touch what is held, and is later, takes its place. */
export const addPage = (
  before: Conversation,
  page: Pick<HistoryPage, "messages" | "has_more" | "head_seq">
): Conversation => {
  const first = page.messages[0]?.seq
  const last = page.messages.at(-1)?.seq
  const head = Math.max(before.head, page.head_seq)
  if (first === undefined || last === undefined) return { ...before, head, hasMore: false }
  const apart = before.high === 0 || first > before.high + 1
  if (!apart && last < before.low - 1) return before

  const marks = page.messages.filter(isMark).reduce(withMark, before.marks)
  const conversation = { ...before, marks }
  const items = page.messages.flatMap((entry) => itemOf(entry) ?? []).map((item) => dressed(conversation, item))
  const merged = merge(apart ? [] : before.items, items)
  return {
    ...conversation,
    // A reaction in this page may be about a message that was held before.
    items: marks === before.marks ? merged : merged.map((item) => dressed(conversation, item)),
    low: apart ? first : Math.min(before.low, first),
    high: apart ? last : Math.max(before.high, last),
    hasMore: apart || first <= before.low ? page.has_more : before.hasMore,
    head,
    lastAt: latestAt(before.lastAt, page.messages)
  }
}

const applied = (before: Conversation, entry: Entry): Conversation => {
  switch (entry.kind) {
    case "text":
    case "group": {
      if (entry.seq < before.low) return before
      const item = dressed(before, itemOf(entry)!)
      return { ...before, items: merge(before.items, [item]), lastAt: Math.max(before.lastAt, entry.at) }
    }
    case "edit":
    case "delete": {
      const known = before.amendments[entry.target]
      if (known !== undefined && known.seq >= entry.seq) return before
      return {
        ...before,
        amendments: { ...before.amendments, [entry.target]: entry },
        items: replace(before.items, entry.target, (item) => amended(item, entry))
      }
    }
    case "reaction": {
      const marks = withMark(before.marks, entry)
      if (marks === before.marks) return before
      const next = { ...before, marks }
      return { ...next, items: replace(before.items, entry.target, (item) => dressed(next, item) as TextItem) }
    }
  }
}

/**
 * A live entry. The client hands them over in order, so a later one extends what is held; older ones than what is
 * held come with the history when somebody scrolls up.
 */
export const addEntry = (before: Conversation, entry: Entry): Conversation => {
  const next = applied(before, entry)
  if (entry.seq < before.low || entry.seq <= before.high) return next
  return {
    ...next,
    low: before.low === 0 ? entry.seq : before.low,
    hasMore: before.low === 0 ? entry.seq > 1 : before.hasMore,
    high: entry.seq,
    head: Math.max(before.head, entry.seq)
  }
}
