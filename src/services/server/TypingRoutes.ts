/** To whom it is shown that somebody types: the other one, or the members of a group that is not too large. */
import type { GroupId } from "../../domain/Ids.ts"
import type { Groups } from "../group/Groups.ts"
import type { Typing } from "../presence/Typing.ts"
import { type GroupAudience, type Registry, sessionsIn, sessionsOf } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"
import type { ServerMessage } from "./ServerMessage.ts"

/** In larger groups nobody hears of it: somebody always types. */
export const maxTypingMembers = 100

export interface TypingRoutesOptions {
  readonly registry: () => Registry
  readonly groups: Groups["Service"]
  readonly typing: Typing["Service"]
}

export const makeTypingRoutes = ({ groups, registry, typing }: TypingRoutesOptions) => {
  const ifMember = (group: GroupId, ref: Session, use: (audience: GroupAudience) => void) =>
    groups.tell(group, { _tag: "Members", sender: ref.user, use, refused: () => {} })

  return ({ conversation, frame, ref, to }: Extract<ServerMessage, { readonly _tag: "Typing" }>): void => {
    const { active, id } = frame
    if ("recipient" in to) {
      typing.set(ref, conversation, active, (use) => use(sessionsIn(registry(), to.recipient)))
      return ref.settled()
    }
    groups.tell(to.group, {
      _tag: "Members",
      sender: ref.user,
      use: (audience) => {
        if (audience.members.size <= maxTypingMembers || !active) {
          // Asked again when it is shown: the members may be others by then.
          typing.set(
            ref,
            conversation,
            active,
            (use) => ifMember(to.group, ref, (members) => use(sessionsOf(registry(), members.users)))
          )
        }
        ref.settled()
      },
      refused: (error) => {
        ref.settled()
        ref.rejected(id, error)
        ref.flush()
      }
    })
  }
}
