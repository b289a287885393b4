/** How people are shown, and who says so: they themselves, whoever runs the server, or the token that they come in with. */
import { Clock, Context, Effect, FiberSet, Layer, Option, Schema } from "effect"
import { defined } from "../../domain/defined.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { SetProfile } from "../../domain/frames/People.ts"
import type { UserId } from "../../domain/Ids.ts"
import { Picture, ProfileName, tidied } from "../../domain/Profile.ts"
import type { ClaimedProfile } from "../access/Authenticator.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import type { Asker } from "../session/Handlers.ts"
import { Directory, type ProfilePatch, type StoredProfile } from "../storage/Directory.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { ProfileNews } from "./ProfileNews.ts"

/** Users whose claims are remembered as stored, so that they are not looked up at each connection. */
const maxRemembered = 10_000
/** Somebody may be erased, or their profile taken away, and come again. */
const rememberedMillis = 60_000

interface Remembered {
  readonly key: string
  readonly at: number
}

/** Users whose claims are being stored; past it, they are looked at when the user comes the next time. */
const maxAtOnce = 100

/** Why a store of one's own may not be able to. */
const noProfiles = () => Errors.unavailable("This server's store keeps no profiles.", 60_000)

const isName = Schema.is(ProfileName)
const isPicture = Schema.is(Picture)

type Fields = Pick<ProfilePatch, "name" | "avatar" | "status">

const tidy = ({ avatar, name, status }: Fields): Fields =>
  defined({
    avatar,
    name: name === undefined ? undefined : tidied(name),
    status: status === undefined ? undefined : tidied(status)
  })

/** What can be shown of what a token says; it takes away what another one said and this one does not. */
const fieldsOf = ({ name = "", picture = "" }: ClaimedProfile): Fields => {
  // An authenticator of one's own may say anything.
  const tidiedName = tidied(name)
  return { name: isName(tidiedName) ? tidiedName : "", avatar: isPicture(picture) ? picture : "" }
}

export class Profiles extends Context.Service<Profiles, {
  /** As the asker wants to be shown. */
  set(asker: Asker, fields: Omit<SetProfile, "type" | "id">): Effect.Effect<StoredProfile, ChatError | StoreError>
  /** As the operator wants somebody to be shown; what is left out is taken away. */
  put(user: UserId, fields: Fields): Effect.Effect<StoredProfile, ChatError | StoreError>
  /** What the token says with which somebody has come in. Never waits; it is the profile until somebody sets another. */
  claimed(user: UserId, claims: ClaimedProfile): void
}>()("switchboard/services/people/Profiles") {
  static readonly layer = Layer.effect(
    Profiles,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const now = Monotonic.nowOf(clock)
      const directory = Option.getOrUndefined(yield* Effect.serviceOption(Directory))
      const news = yield* ProfileNews
      const run = yield* FiberSet.makeRuntime<never>()
      const claiming = new Set<UserId>()
      const remembered = new Map<UserId, Remembered>()

      const patch = Effect.fnUntraced(
        function*(change: Omit<ProfilePatch, "at">, asker?: Asker): Effect.fn.Return<
          StoredProfile,
          ChatError | StoreError
        > {
          if (directory === undefined) return yield* noProfiles()
          const at = clock.currentTimeMillisUnsafe()
          const outcome = yield* directory.patchProfile({ ...change, at })
          if (outcome._tag === "Rejected") return yield* outcome.error
          if (outcome.changed) news.tell(outcome.profile, asker?.session)
          return outcome.profile
        }
      )

      const claim = Effect.fnUntraced(function*(user: UserId, claims: ClaimedProfile, key: string) {
        if (directory === undefined) return
        const fields = fieldsOf(claims)
        const [known] = yield* directory.profiles([user])
        const isKnown = known === undefined
          ? fields.name === "" && fields.avatar === ""
          : known.source !== "claims" || ((known.name ?? "") === fields.name && (known.avatar ?? "") === fields.avatar)
        if (!isKnown) yield* patch({ user, ...fields, source: "claims" })
        remembered.set(user, { key, at: now() })
        const [oldest] = remembered.keys()
        if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest)
      }, (effect, user) => Effect.ensuring(Effect.ignore(effect), Effect.sync(() => claiming.delete(user))))

      return Profiles.of({
        set: (asker, { avatar, name, status }) =>
          patch({ user: asker.user, ...tidy(defined({ avatar, name, status })), source: "user" }, asker),
        put: (user, { avatar = "", name = "", status = "" }) =>
          patch({ user, ...tidy({ avatar, name, status }), source: "admin" }),
        claimed: (user, claims) => {
          const key = JSON.stringify([claims.name, claims.picture])
          const known = remembered.get(user)
          const isNew = known?.key !== key || known.at < now() - rememberedMillis
          if (directory === undefined || !isNew || claiming.has(user) || claiming.size >= maxAtOnce) return
          claiming.add(user)
          run(claim(user, claims, key))
        }
      })
    })
  )
}
