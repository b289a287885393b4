/** The list of a user's conversations, as one query. */
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { isPostgres, type Sql } from "./SqlRows.ts"

export interface SummaryRow {
  readonly conversation: ConversationId
  readonly kind: "direct" | "group"
  readonly name: string | null
  readonly head_seq: number
  readonly received: number
  readonly read_seq: number
  readonly delivered_seq: number
  readonly unread: number
  readonly peer_delivered: number | null
  readonly peer_read: number | null
  /** How far the peer was when they blocked the user. */
  readonly held_delivered: number | null
  readonly held_read: number | null
  /** How far the peer was when the user blocked them. */
  readonly seen_delivered: number | null
  readonly seen_read: number | null
}

/** Parameters: user, after, device, limit. Unread is counted along the primary key, up to 1,000
 * and among the newest 10,000 entries: whoever only sends has a long log of texts that are not unread to count. */
const template = ([user, after, device, limit]: ReadonlyArray<string>): string => `
  SELECT m.conversation, c.kind, c.name, c.head_seq, m.read_seq, m.delivered_seq,
    CASE WHEN COALESCE(d.received_seq, 0) > m.joined_seq - 1 THEN d.received_seq ELSE m.joined_seq - 1 END AS received,
    (SELECT count(*) FROM (
      SELECT 1 FROM entries e
      WHERE e.conversation = m.conversation AND e.seq > m.read_seq AND e.seq >= m.joined_seq
        AND e.seq > c.head_seq - 10000
        AND e.kind = 'text' AND e.flag = 0 AND e.sender <> m.user_id
        AND NOT EXISTS (SELECT 1 FROM block_spans w WHERE w.user_id = m.user_id AND w.blocked = e.sender
          AND e.at >= w.since AND (w.until IS NULL OR e.at < w.until))
      LIMIT 1000
    ) AS unread_entries) AS unread,
    p.delivered_seq AS peer_delivered, p.read_seq AS peer_read,
    b.delivered_seq AS held_delivered, b.read_seq AS held_read,
    r.other_delivered_seq AS seen_delivered, r.other_read_seq AS seen_read
  FROM members m
  JOIN conversations c ON c.id = m.conversation
  LEFT JOIN devices d ON d.user_id = m.user_id AND d.device = ${device} AND d.conversation = m.conversation
  LEFT JOIN members p ON c.kind = 'direct' AND p.conversation = m.conversation AND p.user_id <> m.user_id
  LEFT JOIN block_spans b ON b.user_id = p.user_id AND b.blocked = m.user_id AND b.until IS NULL
  LEFT JOIN block_spans r ON r.user_id = m.user_id AND r.blocked = p.user_id AND r.until IS NULL
  WHERE m.user_id = ${user} AND m.conversation > ${after} AND m.left_seq IS NULL
  ORDER BY m.conversation LIMIT ${limit}`

const postgresQuery = template(["$1", "$2", "$3", "$4"])
const sqliteQuery = template(["?1", "?2", "?3", "?4"])

export const summaryQuery = (sql: Sql): string => isPostgres(sql) ? postgresQuery : sqliteQuery

export const summaryOf = (row: SummaryRow, user: UserId): ConversationSummary => {
  const { conversation, head_seq, kind, name, peer_delivered, peer_read, read_seq, received, unread } = row
  const common = { conversation, kind, head_seq, received, read: read_seq, unread }
  const parsed = Conversation.parse(conversation)
  if (parsed?.kind === "group") return { ...common, group: parsed.group, ...(name === null ? undefined : { name }) }
  const peer = parsed === undefined ? undefined : Conversation.peerOf(parsed.users, user)
  if (peer === undefined) return common
  // Whoever talks to themselves is their own peer.
  if (peer === user) return { ...common, peer, peer_delivered: row.delivered_seq, peer_read: read_seq }
  // A peer who was erased has no position.
  if (peer_delivered === null || peer_read === null) return { ...common, peer }
  // Across a block, in either direction, nobody sees how far the other has come since.
  return {
    ...common,
    peer,
    peer_delivered: Math.min(peer_delivered, row.held_delivered ?? Infinity, row.seen_delivered ?? Infinity),
    peer_read: Math.min(peer_read, row.held_read ?? Infinity, row.seen_read ?? Infinity)
  }
}
