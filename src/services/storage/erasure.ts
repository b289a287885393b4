/** What an erasure comes to, said once for all stores. */
import { createHash } from "node:crypto"
import * as Conversation from "../../domain/Conversation.ts"
import { storedChange } from "../../domain/entries/Group.ts"
import { rulesOf } from "../../domain/entries/index.ts"
import type { GroupChange, Role } from "../../domain/Entry.ts"
import type { ConversationId, MessageId, UserId } from "../../domain/Ids.ts"
import type { Append } from "./MessageStore.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"

export interface Candidate {
  readonly user: UserId
  readonly role: Role
  /** Where in the log they came in last. */
  readonly joined: number
}

/** An entry of whoever is erased, with what is left of it. */
export const erased = (row: EntryRow): EntryRow => {
  const { erasure } = rulesOf(row.kind)
  return {
    ...row,
    body: erasure === "all" ? row.body : null,
    attachments: null,
    mentions: null,
    data: null,
    client_id: null,
    original: null,
    flag: erasure === "flagged" ? 1 : row.flag
  }
}

/** Who is in a group, by all of its rows. */
export const candidatesIn = (
  { history }: Pick<ConversationRow, "history">,
  entries: ReadonlyArray<Pick<EntryRow, "body" | "kind" | "sender" | "seq">>,
  members: Iterable<MemberRow>
): ReadonlyArray<Candidate> => {
  const since = history !== "all" ? undefined : joinedIn(
    entries.flatMap(({ body, kind, sender, seq }) =>
      kind === "group" ? [{ seq, sender, change: storedChange(body) }] : []
    )
  )
  return Array.from(members).filter(({ left_seq }) => left_seq === null)
    .map(({ joined_seq, role, user_id: user }) => ({ user, role, joined: since?.get(user) ?? joined_seq }))
}

const ranks: Record<Role, number> = { owner: 0, admin: 1, member: 2 }

/** Who owns a group when `user` is gone, if nobody else does: the admin who is in longest, else the member. */
export const heirOf = (user: UserId, members: ReadonlyArray<Candidate>): UserId | undefined => {
  const others = members.filter((member) => member.user !== user)
  if (members.find((member) => member.user === user)?.role !== "owner") return undefined
  const [first] = others.toSorted((a, b) =>
    ranks[a.role] - ranks[b.role] || a.joined - b.joined || (a.user < b.user ? -1 : 1)
  )
  return first === undefined || first.role === "owner" ? undefined : first.user
}

/** Sortable by time like the server's own, and apart from them; the same in every store. */
const messageIdOf = (at: number, ...about: ReadonlyArray<string>): MessageId => {
  const digest = createHash("sha256").update([at, ...about].join("\0")).digest("hex")
  return `${at.toString(36).padStart(9, "0")}${digest.slice(0, 16)}` as MessageId
}

/** What the log of a group says of an erased member, as if they had left: an heir, where one is needed, and that. */
export const departures = (
  user: UserId,
  conversation: ConversationId,
  members: ReadonlyArray<Candidate>,
  at: number
): ReadonlyArray<Append> => {
  const parsed = Conversation.parse(conversation)
  if (parsed?.kind !== "group" || !members.some((member) => member.user === user)) return []
  const heir = heirOf(user, members)
  const changes: ReadonlyArray<GroupChange> = [
    ...(heir === undefined ? [] : [{ action: "role_set" as const, user: heir, role: "owner" as const }]),
    { action: "left" }
  ]
  return changes.map((change) => ({
    kind: "group",
    conversation,
    group: parsed.group,
    sender: user,
    clientId: undefined,
    messageId: messageIdOf(at, conversation, user, change.action),
    at,
    change
  }))
}

/** A change of a group in its log. */
export interface LoggedChange {
  readonly seq: number
  readonly sender: UserId
  readonly change: GroupChange
}

/** Where members came in, by the entries of their group; later ones win. */
export const joinedIn = (log: ReadonlyArray<LoggedChange>) => {
  const joined = new Map<UserId, number>()
  for (const { change, sender, seq } of log) {
    if (change.action === "joined") joined.set(sender, seq)
    if (change.action === "created") { for (const { user } of change.members) joined.set(user, seq) }
    if (change.action === "members_added") { for (const user of change.members) joined.set(user, seq) }
  }
  return joined
}
