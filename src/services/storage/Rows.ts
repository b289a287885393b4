/** What the tables hold, whatever holds the tables. */
import { createHash } from "node:crypto"
import type { Entry, GroupChange, GroupHistory, Role } from "../../domain/Entry.ts"
import type { ClientId, ConversationId, GroupId, MessageId, UserId } from "../../domain/Ids.ts"
import type { Append, StoredMembership } from "./MessageStore.ts"

export interface ConversationRow {
  readonly id: ConversationId
  readonly kind: "direct" | "group"
  /** Of a group. */
  readonly name: string | null
  readonly head_seq: number
  /** The oldest entry that is kept; `head_seq + 1` when none is. */
  readonly first_seq: number
  /** 1 once a member of a direct conversation was erased; whoever has that name next joins with the next entry. */
  readonly vacant: 0 | 1
  /** Of a group: what new members may see; `null` is `joined`. */
  readonly history: GroupHistory | null
  /** Of a group: how often its members, roles or name have changed. */
  readonly version: number
  /** The last text or change of the group, and its time; 0 while there is none. */
  readonly last_seq: number
  readonly last_at: number
}

export interface MemberRow {
  readonly conversation: ConversationId
  readonly user_id: UserId
  readonly role: Role
  /** The first entry that this member may see. */
  readonly joined_seq: number
  /** Where they left; `null` while they are in. */
  readonly left_seq: number | null
  readonly read_seq: number
  readonly delivered_seq: number
}

export interface EntryRow {
  readonly conversation: ConversationId
  readonly seq: number
  readonly message_id: MessageId
  readonly sender: UserId
  readonly client_id: ClientId | null
  readonly kind: Append["kind"]
  /** The entry that an edit, a delete or a reaction is about, or that a text replies to. */
  readonly target: number | null
  /** The text as it is now, the emoji, or the group's change as JSON. `null` once deleted. */
  readonly body: string | null
  /** Of a text: deleted. Of a reaction: removed. */
  readonly flag: 0 | 1
  readonly edited_at: number | null
  /** The fingerprint of the first body, once that has changed: what a retry is compared with (P3). */
  readonly original: string | null
  readonly at: number
}

/** The message id is in it, so that nobody can tell from two of them that two texts were the same. */
export const fingerprint = (message: MessageId, text: string): string =>
  createHash("sha256").update(message).update("\0").update(text).digest("base64")

/** What a retry of this entry is compared with when its text is gone. */
export const fingerprintOf = ({ body, message_id, original }: EntryRow): string | null =>
  original ?? (body === null ? null : fingerprint(message_id, body))

const bodyOf = (append: Append): string | null => {
  switch (append.kind) {
    case "text":
    case "edit":
      return append.text
    case "reaction":
      return append.emoji
    case "group":
      return JSON.stringify(append.change)
    case "delete":
      return null
  }
}

/** What an erased user reacted with is not kept; a frame has to have something there. */
const erasedEmoji = "\u{1F5D1}"

const targetOf = (append: Append): number | null =>
  append.kind === "group" ? null : append.kind === "text" ? append.replyTo ?? null : append.target

export const entryRow = (append: Append, seq: number): EntryRow => ({
  conversation: append.conversation,
  seq,
  message_id: append.messageId,
  sender: append.sender,
  client_id: append.clientId ?? null,
  kind: append.kind,
  target: targetOf(append),
  body: bodyOf(append),
  flag: append.kind === "reaction" && append.remove ? 1 : 0,
  edited_at: null,
  // A delete of its target clears an edit's body in one statement, so its fingerprint has to be there by then.
  original: append.kind === "edit" && append.clientId !== undefined
    ? fingerprint(append.messageId, append.text)
    : null,
  at: append.at
})

/** Whether a retry says what the first try said. */
export const sameContent = (row: EntryRow, append: Append): boolean => {
  if (row.conversation !== append.conversation || row.kind !== append.kind || row.target !== targetOf(append)) {
    return false
  }
  if (append.kind === "reaction" && (row.flag === 1) !== append.remove) return false
  const body = bodyOf(append)
  if (row.original !== null) return body !== null && row.original === fingerprint(row.message_id, body)
  return row.body === body
}

export const toEntry = (row: EntryRow): Entry => {
  const common = { seq: row.seq, message_id: row.message_id, sender: row.sender, at: row.at }
  switch (row.kind) {
    case "text":
      return {
        kind: "text",
        ...common,
        ...(row.flag === 1 ? { deleted: true as const } : { text: row.body ?? "" }),
        ...(row.target === null ? undefined : { reply_to: row.target }),
        ...(row.edited_at === null ? undefined : { edited_at: row.edited_at })
      }
    case "edit":
      return {
        kind: "edit",
        ...common,
        target: row.target ?? 0,
        ...(row.body === null ? undefined : { text: row.body })
      }
    case "delete":
      return { kind: "delete", ...common, target: row.target ?? 0 }
    case "reaction":
      return {
        kind: "reaction",
        ...common,
        target: row.target ?? 0,
        // Of an erased user: as if it had been taken back.
        emoji: row.body ?? erasedEmoji,
        ...(row.flag === 1 || row.body === null ? { remove: true as const } : undefined)
      }
    case "group":
      return {
        kind: "group",
        ...common,
        group: row.conversation.slice("group:".length) as GroupId,
        // Written by this server from a checked value.
        change: JSON.parse(row.body ?? "{}") as GroupChange
      }
  }
}

/** Of a group that somebody left, the name may be newer than what they saw. */
export const storedMembership = (
  { conversation, delivered_seq, joined_seq, left_seq, read_seq, role }: MemberRow,
  { kind, name }: Pick<ConversationRow, "kind" | "name">
): StoredMembership => ({
  conversation,
  kind,
  ...(kind === "direct" || name === null || left_seq !== null ? undefined : { name }),
  role,
  firstVisible: joined_seq,
  ...(left_seq === null ? undefined : { left: left_seq }),
  delivered: delivered_seq,
  read: read_seq
})
