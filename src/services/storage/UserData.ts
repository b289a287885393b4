/** What a store says of users. */
import type { BlockSpan } from "../../domain/blockSpans.ts"
import type { Role } from "../../domain/Entry.ts"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"

/** Where a member stands in a conversation. */
export interface MemberPosition {
  readonly user: UserId
  readonly delivered: number
  readonly read: number
}

export interface LastSeen {
  readonly user: UserId
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How a user is shown to others. */
export interface StoredProfile {
  readonly user: UserId
  readonly name?: string
  readonly avatar?: string
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** A user, or a token by its `jti`, that must not come in. */
export interface Ban {
  readonly kind: "user" | "token"
  readonly id: string
  /** Milliseconds since the epoch; without it the ban holds until it is lifted. */
  readonly until?: number
  readonly reason?: string
  readonly at: number
}

/** A conversation that somebody is in, or a group that they were in. */
export interface StoredMembership {
  readonly conversation: ConversationId
  readonly kind: "direct" | "group"
  /** Of a group that they are in. */
  readonly name?: string
  readonly role: Role
  /** The first `seq` that they may see. */
  readonly firstVisible: number
  /** Where they left; missing while they are in. */
  readonly left?: number
  readonly delivered: number
  readonly read: number
}

export interface UserExport {
  readonly user: UserId
  /** Milliseconds since the epoch. */
  readonly lastSeen?: number
  readonly profile?: StoredProfile
  /** Of the user by name; whose a token is, the store does not know. */
  readonly bans: ReadonlyArray<Ban>
  /** Also those that are over. */
  readonly blocks: ReadonlyArray<BlockSpan>
  readonly devices: ReadonlyArray<
    { readonly device: DeviceId; readonly conversation: ConversationId; readonly received: number }
  >
  readonly memberships: ReadonlyArray<StoredMembership>
}

/** A user was erased, as a whole or from one conversation. Later ones have higher ids. */
export interface Erasure {
  readonly id: number
  readonly user: UserId
  readonly conversation?: ConversationId
}
