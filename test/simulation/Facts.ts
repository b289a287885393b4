/** What a story leaves behind for the laws to look at. */
import type { BlockSpan } from "../../src/domain/blockSpans.ts"
import type { Entry } from "../../src/domain/Entry.ts"
import type { ConversationId } from "../../src/domain/Ids.ts"
import type { InviteInfo } from "../../src/domain/ServerFrame.ts"
import type { GroupState } from "../../src/services/storage/MessageStore.ts"
import type { Device } from "./people/Device.ts"
import type { Plan } from "./schedule.ts"
import type { Told } from "./webhooks/SimReceiver.ts"

/** An entry as the store kept it, and the true time of that. */
export interface Kept {
  readonly at: number
  readonly sender: string
  readonly messageId: string
  readonly clientId: string | undefined
}

/** One server as it is at rest. */
export interface NodeAtRest {
  readonly name: string
  readonly connections: number
  readonly users: ReadonlyMap<string, number>
  readonly isBroken: boolean
  /** It takes its store for one that does not work. */
  readonly isDown: boolean
  /** Who is on other servers, as this one knows. */
  readonly elsewhere: ReadonlyArray<string>
  /** How many servers there are beside it, as it knows. */
  readonly others: number
}

/** The same when all have left: what is counted of what may stay behind. */
export interface NodeEmpty extends NodeAtRest {
  readonly left: Readonly<Record<string, number>>
  /** Fibers that wait for a time. */
  readonly timers: number
}

export interface Facts {
  readonly plan: Plan
  readonly devices: ReadonlyArray<Device>
  /** Every log that there is, whole. */
  readonly logs: ReadonlyMap<ConversationId, ReadonlyArray<Entry>>
  /** What each person has blocked, and when. */
  readonly blocks: ReadonlyMap<string, ReadonlyArray<BlockSpan>>
  /** By conversation and place. */
  readonly kept: ReadonlyMap<string, Kept>
  /** Since when, by true time, this user was told before then that they have that one blocked. */
  readonly blockedAt: (user: string, other: string, before: number) => number | undefined
  /** Whether, by true time, this user had that one blocked then. */
  readonly wasBlocked: (user: string, other: string, at: number) => boolean
  /** How far, by true time, a device had confirmed then. */
  readonly confirmedAt: (user: string, device: string, conversation: string, at: number) => number
  /** From when to when servers could not learn of anything new. */
  readonly troubles: ReadonlyArray<readonly [from: number, to: number]>
  /** Conversations in which each device has something that it has not confirmed, by the device's number. */
  readonly behind: ReadonlyMap<number, ReadonlyArray<{ readonly conversation: string; readonly received: number }>>
  readonly nodes: ReadonlyArray<NodeAtRest>
  /** Whom each person may see, as the store says. */
  readonly visible: ReadonlyMap<string, ReadonlySet<string>>
  readonly groups: ReadonlyMap<string, GroupState | undefined>
  /** Into groups, as they were when they were made. */
  readonly invitations: ReadonlyArray<InviteInfo>
  /** What a receiver of webhooks has taken, where there are any. */
  readonly told: ReadonlyArray<Told> | undefined
}

export const keptKey = (conversation: string, seq: number): string => `${conversation} ${seq}`
