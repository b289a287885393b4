/** What a reader is told, said once for all stores: the bounds of a page, a conversation in a list, where others are. */
import * as Conversation from "../../domain/Conversation.ts"
import type { FileId, UserId } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import type { MemberPosition, Page } from "./MessageStore.ts"
import { type PreferenceColumns, preferencesOf } from "./preferenceRules.ts"
import type { ConversationRow, MemberRow } from "./Rows.ts"

interface HistoryOptions {
  readonly limit: number
  readonly before?: number
  readonly after?: number
  readonly from?: number
}

export const emptyPage: Page = { entries: [], hasMore: false, firstSeq: 0, headSeq: 0 }

/** The page is the entries `low` to `high`. After a place that is behind the first entry it begins at the first. */
export const pageBounds = (
  { first_seq, head_seq }: Pick<ConversationRow, "first_seq" | "head_seq">,
  { after = 0, before, from = 1, limit }: HistoryOptions
) => {
  const first = Math.max(first_seq, from)
  const next = Math.max(after + 1, first)
  const high = Math.min(before === undefined ? next + limit - 1 : before - 1, head_seq)
  const low = before === undefined ? next : Math.max(high - limit + 1, first)
  return {
    low,
    high,
    page: {
      hasMore: before === undefined ? high < head_seq : low > first,
      firstSeq: Math.min(first, head_seq + 1),
      headSeq: head_seq
    }
  }
}

/** How far somebody else was when they blocked the reader, and when the reader blocked them; `null` without a block. */
export interface BlockedAt {
  readonly held_delivered: number | null
  readonly held_read: number | null
  readonly seen_delivered: number | null
  readonly seen_read: number | null
}

export type PositionRow = BlockedAt & Pick<MemberRow, "user_id" | "joined_seq" | "delivered_seq" | "read_seq">

const least = (seq: number, held: number | null, seen: number | null): number =>
  Math.min(seq, held ?? Infinity, seen ?? Infinity)

/** Across a block, in either direction, nobody sees how far the other has come since; of a member of a group nothing. */
export const positionOf = (row: PositionRow, isGroup: boolean): MemberPosition => {
  const { held_delivered, held_read, joined_seq, seen_delivered, seen_read, user_id: user } = row
  if (isGroup && (held_read !== null || seen_read !== null)) {
    return { user, delivered: joined_seq - 1, read: joined_seq - 1 }
  }
  return {
    user,
    delivered: least(row.delivered_seq, held_delivered, seen_delivered),
    read: least(row.read_seq, held_read, seen_read)
  }
}

/** A user's membership, with what is said of its conversation and of the other of a direct one. */
export interface SummaryRow
  extends
    BlockedAt,
    PreferenceColumns,
    Pick<ConversationRow, "kind" | "name" | "head_seq" | "first_seq">,
    Pick<MemberRow, "conversation" | "joined_seq" | "left_seq" | "read_seq" | "delivered_seq">
{
  readonly received: number
  readonly unread: number
  readonly mentions: number
  /** Of a group that has a picture. */
  readonly avatar: FileId | null
  readonly peer_delivered: number | null
  readonly peer_read: number | null
}

export const summaryOf = (row: SummaryRow, user: UserId): ConversationSummary => {
  const { conversation, head_seq, kind, mentions, name, peer_delivered, peer_read, read_seq, received, unread } = row
  const common = {
    conversation,
    kind,
    head_seq,
    received,
    read: read_seq,
    unread,
    ...(mentions === 0 ? undefined : { mentions }),
    ...preferencesOf(row)
  }
  const parsed = Conversation.parse(conversation)
  if (parsed?.kind === "group") {
    return {
      ...common,
      group: parsed.group,
      ...(name === null ? undefined : { name }),
      ...(row.avatar === null ? undefined : { avatar: row.avatar })
    }
  }
  const peer = parsed === undefined ? undefined : Conversation.peerOf(parsed.users, user)
  if (peer === undefined) return common
  // Whoever talks to themselves is their own peer.
  if (peer === user) return { ...common, peer, peer_delivered: row.delivered_seq, peer_read: read_seq }
  // A peer who was erased has no position.
  if (peer_delivered === null || peer_read === null) return { ...common, peer }
  return {
    ...common,
    peer,
    peer_delivered: least(peer_delivered, row.held_delivered, row.seen_delivered),
    peer_read: least(peer_read, row.held_read, row.seen_read)
  }
}
