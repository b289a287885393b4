/** What a store says of users. */
import type { BlockSpan } from "../../domain/blockSpans.ts"
import type { Role } from "../../domain/Entry.ts"
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"
import type { ConversationId, DeviceId, FileId, UserId } from "../../domain/Ids.ts"

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
  /** A file, or an https address. */
  readonly avatar?: string
  readonly status?: string
  /** Who said it last; `admin` where that is not known. */
  readonly source?: ProfileSource
  /** What `avatar` names, where that is a file that can be shown. */
  readonly picture?: { readonly file: FileId; readonly name: string }
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/** The user, whoever runs the server, or the claims of the token that they came in with. */
export type ProfileSource = "user" | "admin" | "claims"

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
  /** Where there are any. */
  readonly settings?: ConversationPreferences
}

/** Where a browser of theirs is told of messages; what it is encrypted with is not given out. */
export interface StoredPushSubscription {
  readonly endpoint: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A message that they have told the operator of. What it said is its author's, and not here. */
export interface MadeReport {
  readonly conversation: ConversationId
  readonly seq: number
  readonly author: UserId
  readonly reason?: string
  /** Milliseconds since the epoch. */
  readonly at: number
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
  /** Others do not hear how far they have read. */
  readonly readPrivately?: true
  /** Where there are any. */
  readonly pushSubscriptions?: ReadonlyArray<StoredPushSubscription>
  /** Those that they made, the oldest first, where there are any. Of them by others the operator knows. */
  readonly reports?: ReadonlyArray<MadeReport>
}

/** A user was erased, as a whole or from one conversation. Later ones have higher ids. */
export interface Erasure {
  readonly id: number
  readonly user: UserId
  readonly conversation?: ConversationId
}
