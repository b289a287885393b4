/** To whom it is shown that somebody types: the other one, or the members of a group that is not too large. */
import type { ConversationId, GroupId, UserId } from "../domain/Ids.ts"
import { type GroupAudience, type Registry, sessionsIn } from "./Audience.ts"
import type { Groups } from "./Groups.ts"
import { Outbound } from "./Outbound.ts"
import type { ServerMessage } from "./ServerMessage.ts"
import type { Typing } from "./Typing.ts"
import type { UserRef } from "./UserRef.ts"

/** In larger groups nobody hears of it: somebody always types. */
export const maxTypingMembers = 100

export interface TypingRoutesOptions {
  readonly registry: () => Registry
  readonly groups: Groups["Service"]
  readonly typing: Typing["Service"]
}

export const makeTypingRoutes = ({ groups, registry, typing }: TypingRoutesOptions) => {
  const show = (sessions: Iterable<UserRef>, from: UserRef, conversation: ConversationId, active: boolean): void => {
    let frame: Outbound | undefined
    for (const session of sessions) {
      if (session.level === "plain" || session.user === from.user) continue
      if (session.hasBlocked(from.user) || from.hasBlocked(session.user)) continue
      frame ??= new Outbound({ type: "typing", conversation, user: from.user, active })
      session.push(frame)
      session.flush()
    }
  }

  const inGroup = (group: GroupId, user: UserId, use: (audience: GroupAudience) => void, ref?: UserRef, id?: string) =>
    groups.tell(group, {
      _tag: "Members",
      sender: user,
      use,
      refused: (error) => {
        ref?.rejected(id, error)
        ref?.flush()
      }
    })

  return ({ conversation, frame, ref, to }: Extract<ServerMessage, { readonly _tag: "Typing" }>): void => {
    const { active, id } = frame
    if ("recipient" in to) {
      return typing.set(
        ref.user,
        conversation,
        active,
        (now) => show(sessionsIn(registry(), to.recipient), ref, conversation, now)
      )
    }
    inGroup(
      to.group,
      ref.user,
      (audience) => {
        if (audience.members.size > maxTypingMembers) return
        // Asked again when it is shown: the members may be others by then.
        typing.set(
          ref.user,
          conversation,
          active,
          (now) => inGroup(to.group, ref.user, (members) => show(members.sessions(registry()), ref, conversation, now))
        )
      },
      ref,
      id
    )
  }
}
