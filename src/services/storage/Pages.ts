/** What a store answers a piece at a time. */
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"

export interface Page {
  readonly entries: ReadonlyArray<Entry>
  readonly hasMore: boolean
  /** The oldest `seq` that is still kept and that this reader may see; 0 while the log is empty. */
  readonly firstSeq: number
  readonly headSeq: number
}

/** One conversation in which a device has something unconfirmed: entries `received + 1` to `head`. */
export interface Behind {
  readonly conversation: ConversationId
  readonly received: number
  readonly head: number
}

/** What a bounded look at a user's conversations found. */
export interface BehindPage {
  readonly items: ReadonlyArray<Behind>
  /** Go on after this one: there may be more. */
  readonly next?: ConversationId
}
