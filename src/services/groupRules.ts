/** Who may change what in a group, and what the group is like afterwards. Pure. */
import type { AddMembers, CreateGroup, LeaveGroup, RemoveMembers, RenameGroup, SetRole } from "../domain/ClientFrame.ts"
import type { GroupChange, Role } from "../domain/Entry.ts"
import * as Errors from "../domain/Errors.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { UserId } from "../domain/Ids.ts"
import { isOver } from "../domain/Limit.ts"

/** A client frame that changes a group. */
export type GroupCommand = CreateGroup | AddMembers | RemoveMembers | SetRole | RenameGroup | LeaveGroup

export type Members = ReadonlyMap<UserId, Role>

/** What a command comes to. `members` are those who are in afterwards, `gone` those who are not any more. */
export interface Consequence {
  readonly members: Members
  readonly added: ReadonlyArray<UserId>
  readonly gone: ReadonlyArray<UserId>
}

const owners = (members: Members): number => Array.from(members.values()).filter((role) => role === "owner").length

const full = (max: number) => Errors.forbidden(`A group has at most ${max} members; add fewer.`)

const firstMembers = ({ members }: CreateGroup, sender: UserId): Members => {
  const all = new Map<UserId, Role>([[sender, "owner"]])
  for (const user of members) if (user !== sender) all.set(user, "member")
  return all
}

/** What a command would be in the log. It does not depend on the group, so a retry is the same change. */
export const changeOf = (command: GroupCommand, sender: UserId): GroupChange => {
  switch (command.type) {
    case "create_group": {
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

const create = (command: CreateGroup, sender: UserId, max: number): Consequence | ChatError => {
  const members = firstMembers(command, sender)
  if (isOver(max, members.size)) return full(max)
  return { members, added: Array.from(members.keys()).filter((user) => user !== sender), gone: [] }
}

const mayManage = (role: Role): boolean => role !== "member"

const onlyManagers = () => Errors.forbidden("Only owners and admins of the group may do this; ask one of them.")

/** What `command` does to a group whose members are `members`, or why it may not. */
export const consequenceOf = (
  command: GroupCommand,
  sender: UserId,
  members: Members,
  max: number
): Consequence | ChatError => {
  if (command.type === "create_group") return create(command, sender, max)
  const role = members.get(sender)
  if (role === undefined) return Errors.notFound("There is no such conversation of yours; check its name.")
  const next = new Map(members)
  switch (command.type) {
    case "add_members": {
      if (!mayManage(role)) return onlyManagers()
      const known = command.members.find((user) => members.has(user))
      if (known !== undefined) return Errors.invalidTarget(`${known} is in this group already; leave them out.`)
      for (const user of command.members) next.set(user, "member")
      if (isOver(max, next.size)) return full(max)
      return { members: next, added: command.members, gone: [] }
    }
    case "remove_members": {
      if (!mayManage(role)) return onlyManagers()
      if (command.members.includes(sender)) return Errors.invalidTarget("Use leave_group to leave a group yourself.")
      for (const user of command.members) {
        const theirs = members.get(user)
        if (theirs === undefined) return Errors.notFound(`${user} is not in this group; leave them out.`)
        if (role === "admin" && theirs !== "member") {
          return Errors.forbidden("Only an owner may remove an owner or an admin; ask one.")
        }
        next.delete(user)
      }
      return { members: next, added: [], gone: command.members }
    }
    case "set_role": {
      if (role !== "owner") return Errors.forbidden("Only an owner of the group may give roles; ask one.")
      const theirs = members.get(command.user)
      if (theirs === undefined) return Errors.notFound(`${command.user} is not in this group; add them first.`)
      next.set(command.user, command.role)
      if (owners(next) === 0) return Errors.forbidden("A group keeps an owner; make somebody else one first.")
      return { members: next, added: [], gone: [] }
    }
    case "rename_group":
      if (!mayManage(role)) return onlyManagers()
      return { members: next, added: [], gone: [] }
    case "leave_group": {
      next.delete(sender)
      if (role === "owner" && next.size > 0 && owners(next) === 0) {
        return Errors.forbidden("You are the last owner; make somebody else one with set_role before you leave.")
      }
      return { members: next, added: [], gone: [sender] }
    }
  }
}
