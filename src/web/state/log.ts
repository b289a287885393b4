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

/** Whether a text was deleted the text itself says; who did it is said only here. */
const withDelete = (amendments: Conversation["amendments"], entry: Entry): Conversation["amendments"] =>
  entry.kind !== "delete" || (amendments[entry.target]?.seq ?? 0) >= entry.seq
    ? amendments
    : { ...amendments, [entry.target]: entry }

const isMark = (entry: Entry): entry is Mark => parts[entry.kind] === "mark"

/** Without its words, its files and what others said about it. */
export const gone = ({ attachments: _, data: __, mentions: ___, ...item }: TextItem, by: string): TextItem => ({
  ...item,
  text: "",
  deleted: true,
  deletedBy: by,
  reactions: []
})

const amended = (item: TextItem, amendment: Amendment | undefined): TextItem => {
  if (amendment === undefined) return item
  if (amendment.kind === "delete") return item.deletedBy === amendment.sender ? item : gone(item, amendment.sender)
  if (item.deleted === true) return item
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

type Page = Pick<HistoryPage, "messages" | "has_more" | "head_seq">

/** In the past as long as what is held ends before the newest. */
const placed = ({ past, ...conversation }: Conversation): Conversation =>
  past === true && conversation.high < conversation.head ? { ...conversation, past } : conversation

/** What a page of history tells. A page that does not touch what is held, and is later, takes its place. */
export const addPage = (before: Conversation, page: Page): Conversation => {
  const first = page.messages[0]?.seq
  const last = page.messages.at(-1)?.seq
  const head = Math.max(before.head, page.head_seq)
  if (first === undefined || last === undefined) {
    const { past: _, ...rest } = before
    return { ...rest, head, hasMore: false }
  }
  const apart = before.high === 0 || first > before.high + 1
  if (!apart && last < before.low - 1) return before

  const marks = page.messages.filter(isMark).reduce(withMark, before.marks)
  const amendments = page.messages.reduce(withDelete, before.amendments)
  const conversation = { ...before, marks, amendments }
  const items = page.messages.flatMap((entry) => itemOf(entry) ?? []).map((item) => dressed(conversation, item))
  const merged = merge(apart ? [] : before.items, items)
  return placed({
    ...conversation,
    // A reaction or a delete in this page may be about a message that was held before.
    items: marks === before.marks && amendments === before.amendments
      ? merged
      : merged.map((item) => dressed(conversation, item)),
    low: apart ? first : Math.min(before.low, first),
    high: apart ? last : Math.max(before.high, last),
    hasMore: apart || first <= before.low ? page.has_more : before.hasMore,
    head,
    lastAt: latestAt(before.lastAt, page.messages)
  })
}

const later = (a: Item | undefined, b: Item | undefined): Item | undefined =>
  a === undefined || (b !== undefined && b.seq > a.seq) ? b : a

/** A page around a place that somebody goes to. Where it does not touch what is held, it takes its place, however old. */
export const addPlace = (before: Conversation, page: Page): Conversation => {
  const first = page.messages[0]?.seq
  const last = page.messages.at(-1)?.seq
  if (first === undefined || last === undefined) return before
  if (before.high !== 0 && first <= before.high + 1 && last >= before.low - 1) return addPage(before, page)
  const newest = later(before.last, before.items.at(-1))
  const apart = addPage({ ...before, items: [], low: 0, high: 0, ...(newest && { last: newest }) }, page)
  return placed({ ...apart, past: true })
}

/** There is a gap between what is held and this one, or may be. */
const isBeyond = ({ high, past, recalled }: Conversation, { seq }: Entry): boolean =>
  recalled === true ? seq > high : past === true && seq > high + 1

const applied = (before: Conversation, entry: Entry): Conversation => {
  switch (entry.kind) {
    case "text":
    case "group": {
      if (entry.seq < before.low) return before
      if (isBeyond(before, entry)) {
        const last = dressed(before, itemOf(entry)!)
        return { ...before, last, head: Math.max(before.head, entry.seq), lastAt: Math.max(before.lastAt, entry.at) }
      }
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
      // A text stays one.
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
  if (isBeyond(before, entry)) return { ...next, head: Math.max(before.head, entry.seq) }
  return placed({
    ...next,
    low: before.low === 0 ? entry.seq : before.low,
    hasMore: before.low === 0 ? entry.seq > 1 : before.hasMore,
    high: entry.seq,
    head: Math.max(before.head, entry.seq)
  })
}
