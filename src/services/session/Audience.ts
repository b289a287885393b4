/** Who is to hear of something: the two of a direct conversation, or the members of a group. */
import { HashMap, Option } from "effect"
import type { Role } from "../../domain/Entry.ts"
import { system, type UserId } from "../../domain/Ids.ts"
import type { GroupMember } from "../storage/MessageStore.ts"
import type { Session } from "./Session.ts"

export type Registry = HashMap.HashMap<UserId, ReadonlyArray<Session>>

export const sessionsIn = (registry: Registry, user: UserId): ReadonlyArray<Session> =>
  Option.getOrElse(HashMap.get(registry, user), () => [])

/** An entry of a group whose members are not those that it was sent for; `deliver` is told who they are. */
export interface LateEntry {
  readonly seq: number
  readonly deliver: (audience: GroupAudience) => void
}

/** The members of a group at one place of its log. Never changed: a change of the group makes another. */
export class GroupAudience {
  readonly members: ReadonlyMap<UserId, Role>
  readonly users: ReadonlyArray<UserId>
  /** The version of the group that has these members (`GroupHead`). */
  readonly version: number
  /** Takes entries whose version is another; they go to the members as the store knows them, in order. */
  readonly late: (entry: LateEntry) => void
  constructor(members: ReadonlyMap<UserId, Role>, version: number, late: (entry: LateEntry) => void) {
    this.members = members
    this.users = Array.from(members.keys())
    this.version = version
    this.late = late
  }

  /** Whether this is somebody who may ask something of the group: a member, or the operator. */
  admits(user: UserId): boolean {
    return user === system || this.members.has(user)
  }
}

interface Found {
  readonly registry: Registry
  readonly sessions: ReadonlyArray<Session>
}

/** By the very list of members, which is one object for as long as the group has them. */
const found = new WeakMap<ReadonlyArray<UserId>, Found>()

/**
 * The connections of all of these. Looked up again only when somebody has come or gone since, so that in a quiet
 * moment a message to a thousand members of whom ten are here costs ten deliveries, not a thousand look-ups.
 */
export const sessionsOf = (registry: Registry, users: ReadonlyArray<UserId>): ReadonlyArray<Session> => {
  const known = found.get(users)
  if (known?.registry === registry) return known.sessions
  const sessions: Array<Session> = []
  for (const user of users) {
    for (const session of sessionsIn(registry, user)) sessions.push(session)
  }
  found.set(users, { registry, sessions })
  return sessions
}

/** Those of the present members who were in at this place: whoever has come since does not hear what was said before. */
export const membersAt = (members: ReadonlyArray<GroupMember>, seq: number): ReadonlyMap<UserId, Role> =>
  new Map(members.flatMap(({ firstVisible, role, user }) => firstVisible <= seq ? [[user, role]] : []))

export type Audience = ReadonlyArray<UserId> | GroupAudience
