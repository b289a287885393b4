/** Who is meant by a text: what is completed while one types, who is meant when it is sent, and where it says so. */
import { everybody, isMentioned as isMeant, maxMentions } from "../../domain/entries/Mentions.ts"
import type { Role } from "../../domain/Entry.ts"
import { skeletonOf } from "../text/lookAlikes.ts"
import { words } from "../words/index.ts"
import type { Item } from "./model.ts"
import type { Names } from "./names.ts"

/** Somebody else's text means this user. */
export const isMentioned = (
  item: Pick<Item, "kind" | "sender"> & {
    readonly mentions?: ReadonlyArray<string> | undefined
    readonly deleted?: true | undefined
  },
  me: string
): boolean => item.kind === "text" && item.deleted !== true && isMeant(item as Parameters<typeof isMeant>[0], me)

/** A part of a text that names somebody; the end is not included. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly user: string
}

/** What can stand behind an `@`, and whom it means. */
export type Labels = ReadonlyMap<string, string>

const isOfAWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character)

const startsAt = (text: string, at: number): boolean => text[at] === "@" && !isOfAWord(text[at - 1])

/** Longer labels come first, so that `@Anna Berg` is not `@Anna`. */
export const spansOf = (text: string, labels: Labels): ReadonlyArray<Span> => {
  const byLength = Array.from(labels).sort(([a], [b]) => b.length - a.length)
  const spans: Array<Span> = []
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    if (!startsAt(text, at)) continue
    const found = byLength.find(([label]) => text.startsWith(label, at + 1) && !isOfAWord(text[at + 1 + label.length]))
    if (found === undefined) continue
    const to = at + 1 + found[0].length
    spans.push({ from: at, to, user: found[1] })
    at = to - 1
  }
  return spans
}

interface Group {
  readonly members: ReadonlyArray<{ readonly user: string; readonly role: Role }>
}

const mayCallAll = ({ members }: Group, me: string): boolean =>
  members.some(({ role, user }) => user === me && role !== "member")

const all = everybody.slice(1)

/** How these people can be called: as they are shown, by a name that only one of them has, and by their id. */
export const labelsOf = (users: ReadonlyArray<string>, names: Names): Labels => {
  const bare = Map.groupBy(users, (user) => names.person(user)?.name)
  const labels = new Map<string, string>()
  for (const user of users) {
    const name = names.person(user)?.name
    if (name !== undefined && bare.get(name)?.length === 1) labels.set(name, user)
    labels.set(names.of(user), user)
    labels.set(user, user)
  }
  return labels
}

/** Whom a text means that is about to be sent. */
export const mentionsIn = (
  text: string,
  info: Group | undefined,
  names: Names,
  me: string
): ReadonlyArray<string> => {
  if (info === undefined || !text.includes("@")) return []
  const labels = new Map(labelsOf(info.members.map(({ user }) => user), names))
  if (mayCallAll(info, me)) labels.set(all, everybody)
  const users = spansOf(text, labels).map(({ user }) => user)
  if (users.includes(everybody)) return [everybody]
  return Array.from(new Set(users)).filter((user) => user !== me).slice(0, maxMentions)
}

/** Where a text that was said has the names of those whom it means. */
export const mentionSpans = (
  text: string,
  mentions: ReadonlyArray<string> | undefined,
  names: Names
): ReadonlyArray<Span> => {
  if (mentions === undefined) return []
  const labels = new Map(labelsOf(mentions.filter((user) => user !== everybody), names))
  if (mentions.includes(everybody)) labels.set(all, everybody)
  return spansOf(text, labels)
}

export interface Typed {
  /** Where its `@` is. */
  readonly from: number
  readonly query: string
}

/** Names have spaces: so far back the `@` may be. */
const longestQuery = 64

/** What somebody is about to call, who has come to `caret`. */
export const typedAt = (text: string, caret: number): Typed | undefined => {
  const from = text.lastIndexOf("@", caret - 1)
  if (from === -1 || caret - from > longestQuery || !startsAt(text, from)) return undefined
  const query = text.slice(from + 1, caret)
  return /\n/.test(query) || /^\s/.test(query) ? undefined : { from, query }
}

export interface Candidate {
  /** `@all` for everybody. */
  readonly user: string
  readonly label: string
}

const mostCandidates = 8

/** How well it fits, the best first: the name, a word of it, the id. */
const rankOf = (query: string, user: string, names: Names): number | undefined => {
  const name = skeletonOf(names.person(user)?.name ?? user)
  if (name.startsWith(query)) return 0
  if (name.split(/[\s._@-]+/).some((word) => word.startsWith(query))) return 1
  return skeletonOf(user).startsWith(query) ? 2 : undefined
}

export const candidatesFor = (
  query: string,
  info: Group | undefined,
  names: Names,
  me: string
): ReadonlyArray<Candidate> => {
  if (info === undefined) return []
  // What goes on behind a whole name is not a part of it.
  const skeleton = skeletonOf(query) + (/\s$/.test(query) ? " " : "")
  const people = info.members.filter(({ user }) => user !== me).flatMap(({ user }) => {
    const rank = rankOf(skeleton, user, names)
    return rank === undefined ? [] : [{ user, label: names.of(user), rank }]
  })
  const everyone = mayCallAll(info, me) && all.startsWith(query.toLowerCase())
    ? [{ user: everybody, label: all, rank: 1 }]
    : []
  const found = [...people, ...everyone]
  // Typed to its end, there is nothing left to choose.
  if (found.length === 1 && found[0]!.label === query) return []
  return found
    .sort((a, b) => a.rank - b.rank || a.label.localeCompare(b.label, words.locale))
    .slice(0, mostCandidates)
    .map(({ label, user }) => ({ label, user }))
}

/** The text with this one called in it, and where one goes on. */
export const withMention = (text: string, { from, query }: Typed, { label }: Candidate) => {
  const after = text.slice(from + 1 + query.length)
  const called = `@${label}${/^\s/.test(after) ? "" : " "}`
  return { text: text.slice(0, from) + called + after, caret: from + called.length + (/^\s/.test(after) ? 1 : 0) }
}
