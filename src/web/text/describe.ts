/** Sentences about what happened. */
import type { GroupChange } from "../../domain/Entry.ts"
import { system } from "../../domain/Ids.ts"

const list = new Intl.ListFormat("en", { type: "conjunction" })

const people = (users: ReadonlyArray<string>, me: string): string =>
  users.length > 6
    ? `${users.slice(0, 5).map((user) => user === me ? "you" : user).join(", ")} and ${users.length - 5} others`
    : list.format(users.map((user) => user === me ? "you" : user))

const roleNames = { owner: "an owner", admin: "an admin", member: "a member" } as const

/** What somebody did to a group, as one line of its log. */
export const describeChange = (by: string, change: GroupChange, me: string): string => {
  const who = by === me ? "You" : by === system ? "The operator" : by
  switch (change.action) {
    case "created": {
      const others = change.members.map(({ user }) => user).filter((user) => user !== by)
      return `${who} created “${change.name}”${others.length === 0 ? "" : ` with ${people(others, me)}`}`
    }
    case "members_added":
      return `${who} added ${people(change.members, me)}`
    case "members_removed":
      return `${who} removed ${people(change.members, me)}`
    case "role_set":
      return `${who} made ${people([change.user], me)} ${roleNames[change.role]}`
    case "renamed":
      return `${who} named the group “${change.name}”`
    case "left":
      return `${who} left`
    // A later server may know more.
    default:
      return `${who} changed the group`
  }
}

/** “bob is typing”, for those who are. */
export const describeTyping = (users: ReadonlyArray<string>): string =>
  users.length === 0
    ? ""
    : users.length > 3
    ? "Several people are typing"
    : `${list.format(users)} ${users.length === 1 ? "is" : "are"} typing`
