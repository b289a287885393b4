/**
 * What users have told the operator of messages. Comes with the stores of this package; for a store of your own provide it
 * beside your `MessageStore`. Without it nothing can be reported.
 *
 * A report has the text as it was then, so that whoever deletes it does not hide it. It goes with an erasure of its author
 * or reporter, and with the message when that is trimmed.
 */
import { Context, type Effect } from "effect"
import { defined } from "../../domain/defined.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"
import type { MadeReport } from "./UserData.ts"

/** Reports that nobody has closed. Past them there are no more, until somebody closes some. */
export const maxOpenReports = 10_000
/** Of those that are closed the last are kept. */
export const maxClosedReports = 10_000
/** Characters of the text that are kept. */
export const maxReportedText = 4_096

export interface NewReport {
  readonly conversation: ConversationId
  readonly seq: number
  /** Who said it. */
  readonly author: UserId
  readonly reporter: UserId
  readonly reason?: string
  readonly text: string
  /** When it was said, in milliseconds since the epoch. */
  readonly saidAt: number
  readonly at: number
}

export interface StoredReport extends NewReport {
  /** Rises with time. */
  readonly id: number
  readonly closedAt?: number
}

/** As its maker is given it. */
export const madeReport = ({ at, author, conversation, reason, seq }: StoredReport): MadeReport => ({
  conversation,
  seq,
  author,
  ...defined({ reason }),
  at
})

export class Reports extends Context.Service<Reports, {
  /** One for each reporter and message: again is `known`, whatever it says. `full` is past `maxOpenReports`. */
  put(report: NewReport): Effect.Effect<"kept" | "known" | "full", StoreError>
  /** The newest first, before `before`. */
  list(options: {
    readonly before?: number
    readonly open?: boolean
    readonly conversation?: ConversationId
    readonly author?: UserId
    readonly limit: number
  }): Effect.Effect<ReadonlyArray<StoredReport>, StoreError>
  /** Those after this one, in rising order; none is added later that comes before one of them. */
  since(id: number, limit: number): Effect.Effect<ReadonlyArray<StoredReport>, StoreError>
  /** The id of the last one that there was; 0 before the first. */
  readonly last: Effect.Effect<number, StoreError>
  /** Somebody has seen to it. `undefined` where there is none; one that is closed stays as it is. */
  close(id: number, at: number): Effect.Effect<StoredReport | undefined, StoreError>
}>()("switchboard/services/storage/Reports") {}
