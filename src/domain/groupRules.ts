/**
 * Who may change what in a group, and what the group is like afterwards. Pure, and said once: a GroupActor asks before it
 * hands a change on, and the commit asks again, of what is stored by then.
 */
import type { CreateGroup, FoundGroup, GroupChange, Role } from "./entries/Group.ts"
import type { GroupCommand as ClientCommand } from "./entries/index.ts"
import * as Errors from "./Errors.ts"
import type { ChatError } from "./Errors.ts"
import { system, type UserId } from "./Ids.ts"
import { isOver } from "./Limit.ts"

/** What is asked of a group: by its members, or by the operator, who is not in it and may what an owner may. */
export type GroupCommand = ClientCommand | FoundGroup

export const isCreation = (command: GroupCommand): command is CreateGroup | FoundGroup =>
  command.type === "create_group" || command.type === "found_group"

export type Members = ReadonlyMap<UserId, Role>

/** What a command comes to. `members` are those who are in afterwards, `removed` those who are not any more. */
export interface GroupTransition {
  readonly members: Members
  readonly added: ReadonlyArray<UserId>
  readonly removed: ReadonlyArray<UserId>
}

/** What the rules ask of a group. */
export interface Roster {
  readonly roleOf: (user: UserId) => Role | undefined
  readonly size: number
  readonly owners: number
}

export const rosterOf = (members: Members): Roster => ({
  roleOf: (user) => members.get(user),
  size: members.size,
  get owners() {
    return Array.from(members.values()).filter((role) => role === "owner").length
  }
})

const full = (max: number) => Errors.forbidden(`A group has at most ${max} members; add fewer.`)

const firstMembers = (command: CreateGroup | FoundGroup, sender: UserId): Members => {
  const owner = command.type === "found_group" ? command.owner : sender
  const all = new Map<UserId, Role>([[owner, "owner"]])
  for (const user of command.members) if (user !== owner) all.set(user, "member")
  return all
}

/** What a command would be in the log. It does not depend on the group, so a retry is the same change. */
export const changeOf = (command: GroupCommand, sender: UserId): GroupChange => {
  switch (command.type) {
    case "create_group":
    case "found_group": {
      const { history, name } = command
      const members = Array.from(firstMembers(command, sender), ([user, role]) => ({ user, role }))
      return { action: "created", name, members, ...(history === undefined ? undefined : { history }) }
    }
    case "add_members":
      return { action: "members_added", members: command.members }
    case "remove_members":
      return { action: "members_removed", members: command.members }
    case "set_role":
      return { action: "role_set", user: command.user, role: command.role }
    case "rename_group":
      return { action: "renamed", name: command.name }
    case "leave_group":
      return { action: "left" }
  }
}

const keepsAnOwner = () => Errors.forbidden("A group keeps an owner; make somebody else one first.")

const onlyManagers = () => Errors.forbidden("Only owners and admins of the group may do this; ask one of them.")

/** Why `sender` may not make this change to a group with this roster, if so. */
export const refusalOf = (
  change: GroupChange,
  sender: UserId,
  { owners, roleOf, size }: Roster,
  max: number
): ChatError | undefined => {
  if (change.action === "created") return isOver(max, change.members.length) ? full(max) : undefined
  // One that nobody is in is over.
  const role = sender !== system ? roleOf(sender) : size > 0 ? "owner" : undefined
  if (role === undefined) return Errors.noConversation()
  switch (change.action) {
    case "members_added": {
      if (role === "member") return onlyManagers()
      const known = change.members.find((user) => roleOf(user) !== undefined)
      if (known !== undefined) return Errors.invalidTarget(`${known} is in this group already; leave them out.`)
      return isOver(max, size + change.members.length) ? full(max) : undefined
    }
    case "members_removed": {
      if (role === "member") return onlyManagers()
      if (change.members.includes(sender)) return Errors.invalidTarget("Use leave_group to leave a group yourself.")
      for (const user of change.members) {
        const theirs = roleOf(user)
        if (theirs === undefined) return Errors.notFound(`${user} is not in this group; leave them out.`)
        if (role === "admin" && theirs !== "member") {
          return Errors.forbidden("Only an owner may remove an owner or an admin; ask one.")
        }
      }
      if (sender !== system || change.members.length === size) return undefined
      const gone = change.members.filter((user) => roleOf(user) === "owner").length
      return gone > 0 && gone === owners ? keepsAnOwner() : undefined
    }
    case "role_set": {
      if (role !== "owner") return Errors.forbidden("Only an owner of the group may give roles; ask one.")
      const theirs = roleOf(change.user)
      if (theirs === undefined) return Errors.notFound(`${change.user} is not in this group; add them first.`)
      return theirs === "owner" && change.role !== "owner" && owners === 1
        ? keepsAnOwner()
        : undefined
    }
    case "renamed":
      return role === "member" ? onlyManagers() : undefined
    case "left":
      if (sender === system) return Errors.noConversation()
      return role === "owner" && owners === 1 && size > 1
        ? Errors.forbidden("You are the last owner; make somebody else one with set_role before you leave.")
        : undefined
  }
}

/** What `command` does to a group whose members are `members`, or why it may not. */
export const transition = (
  command: GroupCommand,
  sender: UserId,
  members: Members,
  max: number
): GroupTransition | ChatError => {
  const change = changeOf(command, sender)
  const refusal = refusalOf(change, sender, rosterOf(members), max)
  if (refusal !== undefined) return refusal
  if (isCreation(command)) {
    const first = firstMembers(command, sender)
    return { members: first, added: Array.from(first.keys()).filter((user) => user !== sender), removed: [] }
  }
  const next = new Map(members)
  switch (command.type) {
    case "add_members":
      for (const user of command.members) next.set(user, "member")
      return { members: next, added: command.members, removed: [] }
    case "remove_members":
      for (const user of command.members) next.delete(user)
      return { members: next, added: [], removed: command.members }
    case "set_role":
      next.set(command.user, command.role)
      return { members: next, added: [], removed: [] }
    case "rename_group":
      return { members: next, added: [], removed: [] }
    case "leave_group":
      next.delete(sender)
      return { members: next, added: [], removed: [sender] }
  }
}
