/** A group as the store knows it. */
import type { GroupHistory, Member } from "../../domain/Entry.ts"
import type { GroupBan } from "../../domain/groupDetails.ts"
import type { ConversationId, FileId, GroupId, UserId } from "../../domain/Ids.ts"

/** A present member, and the first `seq` that they may see. */
export interface GroupMember extends Member {
  readonly firstVisible: number
}

/** Somebody who is banned from a group, and where in the log they left it, if they were in it once. */
export interface StoredGroupBan extends GroupBan {
  readonly left?: number
}

/** Somebody who is not in any more, and where in the log they left. */
export interface FormerMember {
  readonly user: UserId
  readonly left: number
}

/** Of those who left, these are remembered: who went at one of the last places of the log. */
export const goneWithin = 1_000

export interface GroupHead {
  readonly headSeq: number
  /**
   * Grows with every change of the members, their roles or the name, by whomever: whoever knows another version does not
   * know the group as it is.
   */
  readonly version: number
}

export interface GroupState extends GroupHead {
  readonly group: GroupId
  readonly conversation: ConversationId
  readonly name: string
  readonly members: ReadonlyArray<GroupMember>
  /** What new members may see. */
  readonly history: GroupHistory
  readonly description?: string
  readonly avatar?: FileId
  /** Whom the group keeps out, by name; nobody where it is missing. */
  readonly banned?: ReadonlyArray<StoredGroupBan>
  /** Who went lately (`goneWithin`) and is not in: whoever hears of that late knows by it whom it took out. */
  readonly gone?: ReadonlyArray<FormerMember>
}
