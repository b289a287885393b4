/** How much is looked at to count what is unread, in every store. */
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import type { ConversationRow, MemberRow } from "./Rows.ts"

/** As many entries are counted with the list itself; where there are more, they are counted one conversation at a time. */
export const fewEntries = 100
/** Entries looked at for one page: past it the page has fewer conversations, and says that there are more. */
export const maxCounted = 50_000
export const maxUnread = 1_000
/** Unread is counted among so many: whoever only sends has a long log of texts that are not unread. */
const newest = 10_000

/** The first entry that may be unread. */
export const countedFrom = (
  row: Pick<MemberRow, "read_seq" | "joined_seq"> & Pick<ConversationRow, "first_seq" | "head_seq">
): number => Math.max(row.read_seq + 1, row.joined_seq, row.first_seq, row.head_seq - newest + 1)

/** As many entries are counted one by one, from the first that may be unread; none where the list has the number. */
export const manyFrom = (first: number, read: number, head: number): number =>
  head - read > fewEntries ? Math.max(0, head - first + 1) : 0

/** How many entries were looked at, about, to say what is unread in these. */
export const countedFor = (
  items: ReadonlyArray<Pick<ConversationSummary, "head_seq" | "read" | "unread">>
): number => {
  let counted = 0
  for (const { head_seq: head, read, unread } of items) {
    counted += unread >= maxUnread ? maxUnread : Math.min(newest, Math.max(0, head - read))
  }
  return counted
}

export interface ListOptions {
  readonly user: UserId
  readonly device: DeviceId
  readonly after?: ConversationId
  readonly limit: number
}

export interface ListPage {
  readonly items: ReadonlyArray<ConversationSummary>
  readonly hasMore: boolean
}
