/** Sentences about what happened. */
import type { GroupChange } from "../../domain/Entry.ts"
import { system } from "../../domain/Ids.ts"
import { type Actor, listed, words } from "../words/index.ts"
import { shortId } from "./ids.ts"

/** What somebody is called in a sentence. */
export type NameOf = (user: string) => string

/** Those that something is done to; the user themself as `you`. */
const people = (
  users: ReadonlyArray<string>,
  me: string,
  nameOf: NameOf,
  you = words.changes.object
): string => {
  const named = (all: ReadonlyArray<string>) => all.map((user) => user === me ? you : nameOf(user))
  return users.length > 6
    ? words.changes.andOthers(named(users.slice(0, 5)).join(", "), users.length - 5)
    : listed(named(users))
}

const described = (
  by: Actor,
  { avatar, description, name }: Extract<GroupChange, { readonly action: "described" }>
): string => {
  const { changes } = words
  return [
    name === undefined ? [] : changes.renamed(by, name),
    description === undefined ? [] : description === "" ? changes.undescribed(by) : changes.described(by),
    avatar === undefined ? [] : avatar === "" ? changes.pictureRemoved(by) : changes.pictureSet(by)
  ].flat().join(" · ") || changes.other(by)
}

/** What somebody did to a group, as one line of its log. */
export const describeChange = (user: string, change: GroupChange, me: string, nameOf: NameOf = shortId): string => {
  const { changes, roles } = words
  const by: Actor = { me: user === me, name: user === system ? words.people.operator : nameOf(user) }
  switch (change.action) {
    case "created": {
      const others = change.members.map(({ user }) => user).filter((each) => each !== user)
      const whom = others.length === 0 ? undefined : people(others, me, nameOf, changes.with)
      return changes.created(by, change.name, whom)
    }
    case "members_added":
      return changes.added(by, people(change.members, me, nameOf))
    case "members_removed":
      return changes.because(changes.removed(by, people(change.members, me, nameOf)), change.reason)
    case "members_banned":
      return changes.because(changes.banned(by, people(change.members, me, nameOf)), change.reason)
    case "members_unbanned":
      return changes.unbanned(by, people(change.members, me, nameOf))
    case "joined":
      return changes.joined(by)
    case "described":
      return described(by, change)
    case "role_set":
      return changes.roleSet(by, people([change.user], me, nameOf), roles[change.role])
    case "renamed":
      return changes.renamed(by, change.name)
    case "left":
      return changes.left(by)
    // A later server may know more.
    default:
      return changes.other(by)
  }
}

/** “bob is typing”, for those who are. */
export const describeTyping = (users: ReadonlyArray<string>, nameOf: NameOf = shortId): string =>
  users.length === 0 ? "" : words.log.typing(users, listed(users.map(nameOf)))
