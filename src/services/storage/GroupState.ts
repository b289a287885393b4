/** A group as the store knows it. */
import type { GroupHistory, Member } from "../../domain/Entry.ts"
import type { ConversationId, GroupId } from "../../domain/Ids.ts"

/** A present member, and the first `seq` that they may see. */
export interface GroupMember extends Member {
  readonly firstVisible: number
}

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
}
