/**
 * Profiles that have changed, for those who may know: whoever watches the user's presence and may see it, and the user's
 * other connections, on all servers. Told four times a second, the latest of each; whoever is slow is told later. It is
 * not stored: what a bus loses is seen with the next list.
 */
import { Context, Effect, HashMap, Layer, Option } from "effect"
import type { SessionId, UserId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import { ShownPeople } from "../files/ShownPeople.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { Presence } from "../presence/Presence.ts"
import type { Registry } from "../session/Audience.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { Here } from "../session/Here.ts"
import type { Session } from "../session/Session.ts"
import type { StoredProfile } from "../storage/UserData.ts"

export const newsMillis = 250

interface Pending {
  readonly profile: StoredProfile
  /** The connection that has it as its answer. */
  readonly session: SessionId | undefined
  readonly told: Set<Session>
}

export class ProfileNews extends Context.Service<ProfileNews, {
  /** This is how somebody is shown from now on; the connection that set it has its answer. */
  tell(profile: StoredProfile, session?: SessionId): void
}>()("switchboard/services/people/ProfileNews") {
  static readonly layer = Layer.effect(
    ProfileNews,
    Effect.gen(function*() {
      const cluster = yield* Cluster
      const people = yield* ShownPeople
      const presence = yield* Presence
      const connected = yield* Here
      const pending = new Map<UserId, Pending>()

      /** Whether everybody has heard of it. */
      const push = (registry: Registry, { profile, session, told }: Pending): boolean => {
        let frame: EncodedFrame | undefined
        let all = true
        const tell = (ref: Session) => {
          if (ref.level === "plain" || ref.session === session || ref.hasLeft || told.has(ref)) return
          if (ref.isSlow) {
            all = false
            return
          }
          told.add(ref)
          ref.push(frame ??= new EncodedFrame({ type: "profile", ...people.profileOf(profile) }))
          ref.flush()
        }
        for (const ref of Option.getOrElse(HashMap.get(registry, profile.user), () => [])) tell(ref)
        for (const ref of presence.watchersOf(profile.user)) tell(ref)
        return all
      }

      const ticker = yield* makeTicker("ProfileNews", {
        turn: Effect.map(connected.registry, (registry) => {
          for (const [user, each] of pending) if (push(registry, each)) pending.delete(user)
        }),
        pause: newsMillis,
        isIdle: () => pending.size === 0
      })

      const here = (profile: StoredProfile, session: SessionId | undefined) => {
        // Two servers may have told of two changes in another order.
        if ((pending.get(profile.user)?.profile.updatedAt ?? 0) > profile.updatedAt) return
        pending.set(profile.user, { profile, session, told: new Set() })
        ticker.wake()
      }
      cluster?.onProfile((profile) => here(profile, undefined))

      return ProfileNews.of({
        tell: (profile, session) => {
          here(profile, session)
          cluster?.profile(profile)
        }
      })
    })
  )
}
