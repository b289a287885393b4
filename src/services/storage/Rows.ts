/** What the tables hold, whatever holds the tables. */
import { createHash } from "node:crypto"
import type { NewAttachment } from "../../domain/entries/Attachment.ts"
import type { KeptEntry, KeptWords } from "../../domain/entries/EntryKind.ts"
import type { GroupHistory, Role } from "../../domain/entries/Group.ts"
import { type Entry, keep, type Kind, readEntry, wordsOf } from "../../domain/entries/index.ts"
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"
import type { ClientId, ConversationId, MessageId, UserId } from "../../domain/Ids.ts"
import { askedFiles, askedIn } from "./fileRules.ts"
import type { Append, StoredMembership } from "./MessageStore.ts"
import type { Epoch } from "./Position.ts"

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
  /** The position in the journal of the commit that wrote last here, of those that have one. */
  readonly head_epoch: Epoch | null
  readonly head_offset: number | null
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
  /** How far others see that they have read; `null` where that is `read_seq`. */
  readonly shown_read_seq: number | null
  readonly delivered_seq: number
}

/** Its `body` is the text as it is now, the emoji, or the group's change as JSON; its `flag` says deleted, or taken back. */
export interface EntryRow extends KeptEntry {
  readonly client_id: ClientId | null
  readonly kind: Kind
  /** The fingerprint of the first body, once that has changed: what a retry is compared with (P3). */
  readonly original: string | null
}

/** The message id is in it, so that nobody can tell from two of them that two texts were the same. */
export const fingerprint = (message: MessageId, text: string): string =>
  createHash("sha256").update(message).update("\0").update(text).digest("base64")

/** A text with files, mentions or data is another than the same text without; none of these has a NUL. */
const said = (body: string, asked: ReadonlyArray<NewAttachment>, { data, mentions }: KeptWords): string => {
  let all = asked.length === 0 ? body : `${body}\0${askedIn(asked)}`
  if (mentions !== null) all += `\0@${mentions}`
  if (data !== null) all += `\0=${data}`
  return all
}

/** Whether its body is all that was said. */
export const isPlain = ({ attachments, data, mentions }: KeptWords & Pick<EntryRow, "attachments">): boolean =>
  attachments === null && data === null && mentions === null

const saidIn = (row: EntryRow): string | null => {
  const { attachments, body } = row
  if (body === null || isPlain(row)) return body
  return said(body, attachments === null ? [] : JSON.parse(attachments) as ReadonlyArray<NewAttachment>, row)
}

/** What a retry of this entry is compared with when its text is gone. */
export const fingerprintOf = (row: EntryRow): string | null => {
  if (row.original !== null) return row.original
  const body = saidIn(row)
  return body === null ? null : fingerprint(row.message_id, body)
}

export const entryRow = (append: Append, seq: number, attachments: string | null = null): EntryRow => {
  const { body, flag, target } = keep(append)
  const words = wordsOf(append)
  return {
    conversation: append.conversation,
    seq,
    message_id: append.messageId,
    sender: append.sender,
    client_id: append.clientId ?? null,
    kind: append.kind,
    target,
    body,
    flag,
    edited_at: null,
    // A delete of its target clears an edit's body in one statement, so its fingerprint has to be there by then.
    original: append.kind === "edit" && append.clientId !== undefined
      ? fingerprint(append.messageId, said(append.text, [], words))
      : null,
    at: append.at,
    attachments,
    mentions: words.mentions,
    data: words.data
  }
}

/** Whether a retry says what the first try said. A text that was deleted since is flagged, and was not when it was new. */
export const sameContent = (row: EntryRow, append: Append): boolean => {
  const { body, flag, target } = keep(append)
  if (row.conversation !== append.conversation || row.kind !== append.kind || row.target !== target) return false
  if (row.kind !== "text" && row.flag !== flag) return false
  const asked = askedFiles(append)
  const now = body === null ? null : said(body, asked, wordsOf(append))
  if (row.original !== null) return now !== null && row.original === fingerprint(row.message_id, now)
  return isPlain(row) ? row.body === now : saidIn(row) === now
}

export const toEntry: (row: EntryRow) => Entry = readEntry

/** Of a group that somebody left, the name may be newer than what they saw. */
export const storedMembership = (
  { conversation, delivered_seq, joined_seq, left_seq, read_seq, role }: MemberRow,
  { kind, name }: Pick<ConversationRow, "kind" | "name">,
  settings: ConversationPreferences = {}
): StoredMembership => ({
  conversation,
  kind,
  ...(kind === "direct" || name === null || left_seq !== null ? undefined : { name }),
  role,
  firstVisible: joined_seq,
  ...(left_seq === null ? undefined : { left: left_seq }),
  delivered: delivered_seq,
  read: read_seq,
  ...(Object.keys(settings).length === 0 ? undefined : { settings })
})
