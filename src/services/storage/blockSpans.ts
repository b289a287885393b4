/** What a block hides. It is a span of time, so that what was said within it stays unseen when it is over. */
import type { UserId } from "../../domain/Ids.ts"
import type { BlockSpan } from "./MessageStore.ts"

/** Whether something that was said by `sender` at that time is kept from whoever has these blocks. */
export const isWithheld = (
  blocks: ReadonlyArray<BlockSpan>,
  { at, sender }: { readonly sender: UserId; readonly at: number }
): boolean =>
  blocks.length > 0 &&
  blocks.some(({ blocked, since, until }) => blocked === sender && at >= since && (until === undefined || at < until))

/** Whom the blocks keep out now. */
export const blockedNow = (blocks: ReadonlyArray<BlockSpan>): ReadonlyArray<UserId> =>
  blocks.filter(({ until }) => until === undefined).map(({ blocked }) => blocked)

/** Only what the store's interface names. */
export const spanOf = ({ blocked, since, until }: BlockSpan): BlockSpan =>
  until === undefined ? { blocked, since } : { blocked, since, until }
