/**
 * Who may change what in a group, and what the group is like afterwards. Pure, and said once: a GroupActor asks before it
 * hands a change on, and the commit asks again, of what is stored by then.
 */
import { defined } from "./defined.ts"
import type { CreateGroup, FoundGroup, GroupChange, JoinGroup, Role } from "./entries/Group.ts"
import type { GroupCommand as ClientCommand } from "./entries/index.ts"
import * as Errors from "./Errors.ts"
import type { ChatError } from "./Errors.ts"
import { system, type UserId } from "./Ids.ts"
import { isOver } from "./Limit.ts"

/** What is asked of a group: by its members, by who comes in, or by the operator, who may what an owner may. */
export type GroupCommand = ClientCommand | FoundGroup | JoinGroup

/** Users that one group keeps out at most, so that its `group_info` stays a frame. */
export const maxBans = 1_000

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
  readonly isBanned: (user: UserId) => boolean
  /** How many the group keeps out. */
  readonly bans: number
}

const nobody: ReadonlyMap<UserId, unknown> = new Map()

export const rosterOf = (members: Members, banned: ReadonlyMap<UserId, unknown> = nobody): Roster => ({
  roleOf: (user) => members.get(user),
  size: members.size,
  isBanned: (user) => banned.has(user),
  bans: banned.size,
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
      return { action: "members_removed", members: command.members, ...defined({ reason: command.reason }) }
    case "ban_members":
      return { action: "members_banned", members: command.members, ...defined({ reason: command.reason }) }
    case "unban_members":
      return { action: "members_unbanned", members: command.members }
    case "set_group": {
      const { avatar, description, name } = command
      return { action: "described", ...defined({ name, description, avatar }) }
    }
    case "set_role":
      return { action: "role_set", user: command.user, role: command.role }
    case "rename_group":
      return { action: "renamed", name: command.name }
    case "leave_group":
      return { action: "left" }
    case "join_group":
      return { action: "joined" }
  }
}

const keepsAnOwner = () => Errors.forbidden("A group keeps an owner; make somebody else one first.")

const onlyManagers = () => Errors.forbidden("Only owners and admins of the group may do this; ask one of them.")

/** One answer for every invitation that lets nobody in, so that nobody can find out why. */
export const noInvite = () => Errors.notFound("This invitation is not good; ask for another.")

export const isManager = (role: Role | undefined): boolean => role === "owner" || role === "admin"

type ChangeOf<Action extends GroupChange["action"]> = Extract<GroupChange, { readonly action: Action }>

const additionRefusal = (
  { members }: ChangeOf<"members_added">,
  { isBanned, roleOf, size }: Roster,
  max: number
): ChatError | undefined => {
  const known = members.find((user) => roleOf(user) !== undefined)
  if (known !== undefined) return Errors.invalidTarget(`${known} is in this group already; leave them out.`)
  const banned = members.filter(isBanned)
  if (banned.length > 0) {
    return Errors.forbidden(`${listed(banned)} may not be in this group; unban them first, or leave them out.`)
  }
  return isOver(max, size + members.length) ? full(max) : undefined
}

const listed = (users: ReadonlyArray<UserId>): string =>
  users.length <= 3 ? users.join(", ") : `${users.slice(0, 3).join(", ")} and ${users.length - 3} more`

/** Whether an owner would be left who is not one of `gone`; the group may come to its end, too. */
const ownerRefusal = (gone: ReadonlyArray<UserId>, { owners, roleOf, size }: Roster): ChatError | undefined => {
  const members = gone.filter((user) => roleOf(user) !== undefined)
  if (members.length === size) return undefined
  const theirs = members.filter((user) => roleOf(user) === "owner").length
  return theirs > 0 && theirs === owners ? keepsAnOwner() : undefined
}

const removalRefusal = (
  { action, members }: ChangeOf<"members_removed" | "members_banned">,
  sender: UserId,
  role: Role,
  roster: Roster
): ChatError | undefined => {
  const isBan = action === "members_banned"
  if (members.includes(sender)) {
    return Errors.invalidTarget(isBan ? "You cannot ban yourself." : "Use leave_group to leave a group yourself.")
  }
  let banned = 0
  for (const user of members) {
    const theirs = roster.roleOf(user)
    if (theirs === undefined && !isBan) return Errors.notFound(`${user} is not in this group; leave them out.`)
    if (role === "admin" && isManager(theirs)) {
      return Errors.forbidden("Only an owner may remove an owner or an admin; ask one.")
    }
    if (isBan && !roster.isBanned(user)) banned++
  }
  if (banned > 0 && roster.bans + banned > maxBans) {
    return Errors.forbidden(`A group keeps at most ${maxBans} users out; unban somebody first.`)
  }
  return sender === system ? ownerRefusal(members, roster) : undefined
}

/** Whoever is in is asked nothing; all others are told one thing. */
const joinRefusal = (sender: UserId, { isBanned, roleOf, size }: Roster, max: number): ChatError | undefined => {
  if (roleOf(sender) !== undefined) return Errors.invalidTarget("You are in this group already.")
  if (sender === system || size === 0 || isBanned(sender)) return noInvite()
  return isOver(max, size + 1) ? Errors.forbidden("The group is full; ask one of its owners to make room.") : undefined
}

/** Why `sender` may not make this change to a group with this roster, if so. */
export const refusalOf = (
  change: GroupChange,
  sender: UserId,
  roster: Roster,
  max: number
): ChatError | undefined => {
  if (change.action === "created") return isOver(max, change.members.length) ? full(max) : undefined
  if (change.action === "joined") return joinRefusal(sender, roster, max)
  const { isBanned, owners, roleOf, size } = roster
  // One that nobody is in is over.
  const role = sender !== system ? roleOf(sender) : size > 0 ? "owner" : undefined
  if (role === undefined) return Errors.noConversation()
  switch (change.action) {
    case "members_added":
      return role === "member" ? onlyManagers() : additionRefusal(change, roster, max)
    case "members_removed":
    case "members_banned":
      return role === "member" ? onlyManagers() : removalRefusal(change, sender, role, roster)
    case "members_unbanned": {
      if (role === "member") return onlyManagers()
      const free = change.members.find((user) => !isBanned(user))
      return free === undefined ? undefined : Errors.notFound(`${free} is not banned from this group; leave them out.`)
    }
    case "role_set": {
      if (role !== "owner") return Errors.forbidden("Only an owner of the group may give roles; ask one.")
      const theirs = roleOf(change.user)
      if (theirs === undefined) return Errors.notFound(`${change.user} is not in this group; add them first.`)
      return theirs === "owner" && change.role !== "owner" && owners === 1
        ? keepsAnOwner()
        : undefined
    }
    case "described":
      if (role === "member") return onlyManagers()
      return change.name === undefined && change.description === undefined && change.avatar === undefined
        ? Errors.invalidFrame("Say what is to change: name, description or avatar.")
        : undefined
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
  max: number,
  banned: ReadonlyMap<UserId, unknown> = nobody
): GroupTransition | ChatError => {
  const change = changeOf(command, sender)
  const refusal = refusalOf(change, sender, rosterOf(members, banned), max)
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
    case "ban_members": {
      const removed = command.members.filter((user) => next.delete(user))
      return { members: next, added: [], removed }
    }
    case "unban_members":
    case "set_group":
    case "rename_group":
      return { members: next, added: [], removed: [] }
    case "leave_group":
      next.delete(sender)
      return { members: next, added: [], removed: [sender] }
    case "join_group":
      next.set(sender, "member")
      return { members: next, added: [sender], removed: [] }
  }
}
