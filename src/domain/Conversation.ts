/** Conversations: a direct one is named by its two users, so both sides and every node derive the same id. */
import type { ConversationId, GroupId, UserId } from "./Ids.ts"
import { fromPart, isUserId, toPart } from "./userIds.ts"

const isGroupId = (s: string): s is GroupId => /^[A-Za-z0-9_-]{1,64}$/.test(s)

/**
 * The parts have no colon, so the id is unambiguous; their order is that of the users' ids, which are checked already.
 */
export const direct = (a: UserId, b: UserId): ConversationId =>
  (a < b ? `dm:${toPart(a)}:${toPart(b)}` : `dm:${toPart(b)}:${toPart(a)}`) as ConversationId

const groupPrefix = "group:"

export const group = (id: GroupId): ConversationId => `${groupPrefix}${id}` as ConversationId

/** Without parsing the rest. */
export const isGroup = (id: ConversationId): boolean => id.startsWith(groupPrefix)

/** The group whose conversation this is. It is not parsed: the id has been made by `group`. */
export const groupOf = (id: ConversationId): GroupId | undefined =>
  isGroup(id) ? id.slice(groupPrefix.length) as GroupId : undefined

export type Parsed =
  | { readonly kind: "direct"; readonly users: readonly [UserId, UserId] }
  | { readonly kind: "group"; readonly group: GroupId }

const userOf = (part: string): UserId | undefined => {
  const user = fromPart(part)
  return user !== undefined && isUserId(user) ? user as UserId : undefined
}

/** The inverse of `direct` and `group`; `undefined` for what neither of them made. */
export const parse = (id: ConversationId): Parsed | undefined => {
  const [kind, first, second, more] = id.split(":")
  if (more !== undefined || first === undefined) return undefined
  if (kind === "group") return second === undefined && isGroupId(first) ? { kind: "group", group: first } : undefined
  if (kind !== "dm" || second === undefined) return undefined
  const a = userOf(first)
  const b = userOf(second)
  return a === undefined || b === undefined || a > b ? undefined : { kind: "direct", users: [a, b] }
}

/** The two of a direct conversation, or the one of a conversation with oneself; nobody of anything else. */
export const usersOf = (id: ConversationId): ReadonlyArray<UserId> => {
  const parsed = parse(id)
  return parsed?.kind === "direct" ? Array.from(new Set(parsed.users)) : []
}

/** The other user of a direct conversation, oneself in a conversation with oneself; `undefined` for an outsider. */
export const peerOf = (users: readonly [UserId, UserId], user: UserId): UserId | undefined =>
  users[0] === user ? users[1] : users[1] === user ? users[0] : undefined
