/** P8: nobody comes into a group who is kept out of it, and by invitations no more than they say. */
import * as Conversation from "../../../src/domain/Conversation.ts"
import { GroupId } from "../../../src/domain/Ids.ts"
import type { Facts } from "../Facts.ts"
import type { Violated } from "../violation.ts"

export const doors = ({ groups, invitations, logs }: Facts, violated: Violated): void => {
  for (const group of groups.keys()) {
    const conversation = Conversation.group(GroupId.make(group))
    const keptOut = new Set<string>()
    let joined = 0
    const comes = (user: string, seq: number) => {
      if (keptOut.has(user)) violated("nobody comes in who is kept out", `${user} into ${group} by ${seq}`)
    }
    for (const entry of logs.get(conversation) ?? []) {
      if (entry.kind !== "group") continue
      const { change, sender, seq } = entry
      if (change.action === "members_banned") change.members.forEach((user) => keptOut.add(user))
      if (change.action === "members_unbanned") change.members.forEach((user) => keptOut.delete(user))
      if (change.action === "members_added") change.members.forEach((user) => comes(user, seq))
      if (change.action !== "joined") continue
      joined++
      comes(sender, seq)
    }
    const uses = invitations.filter((each) => each.group === group).reduce(
      (sum, { uses_left = Infinity }) => sum + uses_left,
      0
    )
    if (joined > uses) {
      violated("invitations let in no more than they say", `${joined} came into ${group}, and ${uses} were invited`)
    }
  }
}
