/** What a block hides. It is a span of time, so that what was said within it stays unseen when it is over. */
import type { Entry } from "../../domain/Entry.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { BlockSpan } from "./MessageStore.ts"

/** Whether something that was said by `sender` at that time is kept from whoever has these blocks. */
export const isWithheld = (
  blocks: ReadonlyArray<BlockSpan>,
  { at, sender }: { readonly sender: UserId; readonly at: number }
): boolean =>
  blocks.some(({ blocked, since, until }) => blocked === sender && at >= since && (until === undefined || at < until))

/** An entry as somebody sees it who had its sender blocked at that time: a place in the log, and nothing in it. */
export const veil = (blocks: ReadonlyArray<BlockSpan>, entry: Entry): Entry => {
  if (blocks.length === 0 || entry.kind === "group" || entry.kind === "delete") return entry
  const edited = entry.kind === "text" && entry.edited_at !== undefined &&
    isWithheld(blocks, { sender: entry.sender, at: entry.edited_at })
  if (!edited && !isWithheld(blocks, entry)) return entry
  const { at, message_id, sender, seq } = entry
  return { kind: "text", seq, message_id, sender, at, deleted: true }
}

/** Whom the blocks keep out now. */
export const blockedNow = (blocks: ReadonlyArray<BlockSpan>): ReadonlyArray<UserId> =>
  blocks.filter(({ until }) => until === undefined).map(({ blocked }) => blocked)

/** Only what the store's interface names. */
export const spanOf = ({ blocked, since, until }: BlockSpan): BlockSpan =>
  until === undefined ? { blocked, since } : { blocked, since, until }
