/** What people are called: by their names, told apart where two of them look the same, and by their ids without one. */
import { system } from "../../domain/Ids.ts"
import { shortId, tagOf } from "../text/ids.ts"
import { skeletonOf } from "../text/lookAlikes.ts"
import { words } from "../words/index.ts"
import { lookUp } from "./lookUp.ts"
import type { Conversation } from "./model.ts"
import type { People, Person } from "./person.ts"

export interface Names {
  /** As everybody sees them beside others. */
  readonly of: (user: string) => string
  /** The same for the middle of a sentence, whose direction a name must not turn. */
  readonly within: (user: string) => string
  /** What the page knows of them. */
  readonly person: (user: string) => Person | undefined
  /** As it is called in the list. */
  readonly titleOf: (conversation: Pick<Conversation, "kind" | "name" | "with">) => string
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

const isolated = (text: string): string => rightToLeft.test(text) ? `\u2068${text}\u2069` : text

/** Whose name or id looks like that of somebody else, or like a word of the page for somebody. */
const looksLikeAnother = (people: People): ReadonlySet<string> => {
  const bearers = new Map<string, Set<string>>()
  const note = (label: string, user: string) => {
    const skeleton = skeletonOf(label)
    const known = bearers.get(skeleton)
    if (known === undefined) bearers.set(skeleton, new Set([user]))
    else known.add(user)
  }
  for (const word of [words.people.operator, words.people.you, words.people.someone]) note(word, system)
  for (const [user, { name }] of Object.entries(people)) {
    note(user, user)
    if (name !== undefined) note(name, user)
  }
  const found = new Set<string>()
  for (const users of bearers.values()) {
    if (users.size > 1) users.forEach((user) => found.add(user))
  }
  return found
}

/** Ids that are the same where they are cut are shown whole. */
const makeTags = (ambiguous: ReadonlySet<string>) => {
  const cut = new Map<string, number>()
  for (const user of ambiguous) cut.set(tagOf(user), (cut.get(tagOf(user)) ?? 0) + 1)
  return (user: string): string => (cut.get(tagOf(user)) ?? 0) > 1 ? user : tagOf(user)
}

export const makeNames = (people: People): Names => {
  const ambiguous = looksLikeAnother(people)
  const tag = makeTags(ambiguous)
  const person = (user: string) => lookUp(people, user)
  const of = (user: string): string => {
    if (user === system) return words.people.operator
    const name = person(user)?.name
    if (name === undefined || name === user) return shortId(user)
    return ambiguous.has(user) ? words.people.toldApart(isolated(name), tag(user)) : name
  }
  return {
    of,
    within: (user) => isolated(of(user)),
    person,
    titleOf: ({ kind, name, with: peer }) => kind === "direct" ? of(peer) : name
  }
}

const made = new WeakMap<People, Names>()

/** Worked out once for all that is known of people. */
export const namesOf = ({ people }: { readonly people: People }): Names => {
  const known = made.get(people)
  if (known !== undefined) return known
  const names = makeNames(people)
  made.set(people, names)
  return names
}
