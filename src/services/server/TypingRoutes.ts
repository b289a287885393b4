/** To whom it is shown that somebody types: the other one, or the members of a group that is not too large. */
import type { GroupId } from "../../domain/Ids.ts"
import type { ClusterService } from "../cluster/Cluster.ts"
import type { TypingSeen } from "../cluster/Wire.ts"
import type { Groups } from "../group/Groups.ts"
import type { Typing } from "../presence/Typing.ts"
import type { Watching } from "../presence/TypingSign.ts"
import { type GroupAudience, type Registry, sessionsIn, sessionsOf } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"
import type { ServerMessage } from "./ServerMessage.ts"

/** In larger groups nobody hears of it: somebody always types. */
export const maxTypingMembers = 100

export interface TypingRoutesOptions {
  readonly registry: () => Registry
  readonly groups: Groups["Service"]
  readonly typing: Typing["Service"]
  readonly cluster: ClusterService | undefined
}

type TypingMessage = Extract<ServerMessage, { readonly _tag: "Typing" }>

export const makeTypingRoutes = ({ cluster, groups, registry, typing }: TypingRoutesOptions) => {
  const ifMember = (group: GroupId, ref: Session, use: (audience: GroupAudience) => void) =>
    groups.tell(group, { _tag: "Members", sender: ref.user, use, refused: () => {} })

  /** `audience` finds those who may see it, as they are then. */
  const elsewhere = (
    { conversation, ref }: TypingMessage,
    audience: (use: (users: TypingSeen["audience"]) => void) => void
  ): Pick<Watching, "elsewhere"> => {
    if (cluster === undefined) return {}
    const { user } = ref
    return {
      elsewhere: (active) => {
        if (!active) return cluster.typing({ conversation, user, active, audience: [] })
        audience((users) => {
          const seeing = users.filter((each) => each !== user && !ref.hasBlocked(each))
          if (seeing.length > 0) cluster.typing({ conversation, user, active, audience: seeing })
        })
      }
    }
  }

  return (message: TypingMessage): void => {
    const { conversation, frame, ref, to } = message
    const { active, id } = frame
    if ("recipient" in to) {
      const { recipient } = to
      typing.set(ref, conversation, active, {
        find: (use) => use(sessionsIn(registry(), recipient)),
        ...elsewhere(message, (use) => use([recipient]))
      })
      return ref.settled()
    }
    const { group } = to
    groups.tell(group, {
      _tag: "Members",
      sender: ref.user,
      use: (audience) => {
        if (audience.members.size <= maxTypingMembers || !active) {
          // Asked again when it is shown: the members may be others by then.
          typing.set(ref, conversation, active, {
            find: (use) => ifMember(group, ref, (members) => use(sessionsOf(registry(), members.users))),
            ...elsewhere(message, (use) => ifMember(group, ref, (members) => use(members.users)))
          })
        }
        ref.settled()
      },
      charge: (cost) => ref.charge(cost),
      refused: (error) => {
        ref.settled()
        ref.rejected(id, error)
        ref.flush()
      }
    })
  }
}

/** Somebody types on another server, which knows who may see it. */
export const makeTypingElsewhere =
  ({ registry, typing }: Pick<TypingRoutesOptions, "registry" | "typing">) =>
  ({ active, audience, conversation, user }: TypingSeen): void => {
    const typist = { user, hasLeft: false, hasBlocked: () => false }
    typing.set(typist, conversation, active, { find: (use) => use(sessionsOf(registry(), audience)) })
  }
