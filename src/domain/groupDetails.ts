/** What is known of a group beside its members, and how its changes move that along. Pure. */
import { defined } from "./defined.ts"
import type { GroupChange, GroupHistory } from "./entries/Group.ts"
import type { FileId, UserId } from "./Ids.ts"

/** Somebody whom the group keeps out. */
export interface GroupBan {
  readonly user: UserId
  readonly reason?: string
}

export interface GroupDetails {
  readonly name: string
  readonly history: GroupHistory
  readonly description?: string
  readonly avatar?: FileId
  readonly banned: ReadonlyMap<UserId, GroupBan>
}

export const noDetails: GroupDetails = { name: "", history: "joined", banned: new Map() }

/** An empty string takes it away. */
const changed = <T extends string>(before: T | undefined, given: string | undefined): T | undefined =>
  given === undefined ? before : given === "" ? undefined : given as T

export const detailsAfter = (details: GroupDetails, change: GroupChange): GroupDetails => {
  const { avatar, banned, description, history, name } = details
  switch (change.action) {
    case "created":
      return { ...noDetails, name: change.name, history: change.history ?? "joined" }
    case "renamed":
      return { ...details, name: change.name }
    case "described":
      return {
        name: change.name ?? name,
        history,
        banned,
        ...defined({
          description: changed(description, change.description),
          avatar: changed(avatar, change.avatar)
        })
      }
    case "members_banned": {
      const after = new Map(banned)
      for (const user of change.members) after.set(user, { user, ...defined({ reason: change.reason }) })
      return { ...details, banned: after }
    }
    case "members_unbanned": {
      const after = new Map(banned)
      for (const user of change.members) after.delete(user)
      return { ...details, banned: after }
    }
    case "members_added":
    case "members_removed":
    case "joined":
    case "role_set":
    case "left":
      return details
  }
}
