/** How preferences change, said once for all stores. */
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { PreferenceChange } from "./Preferences.ts"
import type { MemberRow } from "./Rows.ts"

/** What a commit asks and does because of them, when cursors move. */
export interface CommitReaders {
  /** Whether others do not hear how far this user reads. */
  readonly readsPrivately: (user: UserId) => boolean
  readonly isMarkedUnread: (user: UserId, conversation: ConversationId) => boolean
  /** They have read it. */
  readonly unmark: (user: UserId, conversation: ConversationId) => void
}

export interface PreferenceRow {
  readonly muted_until: number | null
  readonly mutes_mentions: number
  /** The head of the log when it was archived. */
  readonly archived_seq: number | null
  readonly marked_unread: number
}

export const noPreferences: PreferenceRow = {
  muted_until: null,
  mutes_mentions: 0,
  archived_seq: null,
  marked_unread: 0
}

/** A membership with its preferences; all are null where there are none. */
export interface PreferenceColumns {
  readonly muted_until: number | null
  readonly mutes_mentions: number | null
  /** 1 while nothing was said since. */
  readonly archived: number | null
  readonly marked_unread: number | null
}

export const isWithout = (row: PreferenceRow): boolean =>
  row.muted_until === null && row.archived_seq === null && row.marked_unread === 0

export const columnsOf = (row: PreferenceRow | undefined, lastSeq: number): PreferenceColumns => ({
  ...(row ?? noPreferences),
  archived: row !== undefined && row.archived_seq !== null && row.archived_seq >= lastSeq ? 1 : 0
})

export const preferencesOf = (
  { archived, marked_unread, muted_until, mutes_mentions }: PreferenceColumns
): ConversationPreferences => ({
  ...(muted_until === null ? undefined : { muted_until }),
  ...(muted_until !== null && mutes_mentions === 1 ? { mutes_mentions: true } : undefined),
  ...(archived === 1 ? { archived: true } : undefined),
  ...(marked_unread === 1 ? { marked_unread: true } : undefined)
})

export interface ChangeOf {
  readonly headSeq: number
  readonly lastSeq: number
}

/** The row as it is then, and whether that is another. */
export const changePreferences = (
  before: PreferenceRow,
  change: PreferenceChange,
  { headSeq, lastSeq }: ChangeOf
): { readonly row: PreferenceRow; readonly changed: boolean } => {
  const { archived, markedUnread, mute } = change
  const isArchived = columnsOf(before, lastSeq).archived === 1
  const row: PreferenceRow = {
    ...before,
    ...("mute" in change
      ? { muted_until: mute?.until ?? null, mutes_mentions: mute?.mentions === true ? 1 : 0 }
      : undefined),
    ...(archived === undefined
      ? undefined
      : { archived_seq: archived ? isArchived ? before.archived_seq : headSeq : null }),
    ...(markedUnread === undefined ? undefined : { marked_unread: 1 })
  }
  const isSame = JSON.stringify(preferencesOf(columnsOf(row, lastSeq))) ===
    JSON.stringify(preferencesOf(columnsOf(before, lastSeq)))
  return { row, changed: !isSame }
}

/** How far others see that a member has read. */
export const shownRead = ({ read_seq, shown_read_seq }: Pick<MemberRow, "read_seq" | "shown_read_seq">): number =>
  shown_read_seq ?? read_seq
