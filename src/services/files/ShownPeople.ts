/**
 * How people are shown to somebody. Where the store has no `Directory`, nobody has a name. Of those who block each other
 * neither sees how the other is shown, as if there were no profile.
 */
import { Clock, Context, Effect, Layer, Option } from "effect"
import type { FileId, UserId } from "../../domain/Ids.ts"
import type { Profile } from "../../domain/Profile.ts"
import { Directory } from "../storage/Directory.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import type { StoredProfile } from "../storage/UserData.ts"
import { FileLinks } from "./FileLinks.ts"

/** What lists have of somebody. */
export interface Shown {
  readonly name?: string
  readonly avatar_url?: string
}

/** Links that are remembered; they are the same for an hour. */
const maxLinks = 10_000
const hourMillis = 3_600_000

const nobody: ReadonlyMap<UserId, Shown> = new Map()

export class ShownPeople extends Context.Service<ShownPeople, {
  /** As the protocol has it. */
  profileOf(stored: StoredProfile): Profile
  /** Where the file of a picture can be had. */
  pictureUrl(picture: { readonly file: FileId; readonly name: string }): string
  /** How these are shown to `asker`, who shares a conversation with them. A store that does not answer knows nobody. */
  shown(asker: UserId, users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyMap<UserId, Shown>>
  /** The profiles of these, without a question whether the asker may see them. */
  profiles(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<StoredProfile>, StoreError>
}>()("switchboard/services/files/ShownPeople") {
  static readonly layer = Layer.effect(
    ShownPeople,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const directory = Option.getOrUndefined(yield* Effect.serviceOption(Directory))
      const files = yield* FileLinks
      const store = yield* MessageStore
      const links = new Map<FileId, string>()
      let hour = 0

      const pictureUrl = (picture: { readonly file: FileId; readonly name: string }): string => {
        const now = Math.floor(clock.currentTimeMillisUnsafe() / hourMillis)
        if (now !== hour || links.size >= maxLinks) links.clear()
        hour = now
        let url = links.get(picture.file)
        if (url === undefined) links.set(picture.file, url = files.urlOf(picture))
        return url
      }

      const urlOf = ({ avatar, picture }: StoredProfile): string | undefined =>
        picture !== undefined
          ? pictureUrl(picture)
          : avatar !== undefined && /^https:\/\//i.test(avatar)
          ? avatar
          : undefined

      const shownOf = (stored: StoredProfile): Shown => {
        const url = urlOf(stored)
        return {
          ...(stored.name === undefined ? undefined : { name: stored.name }),
          ...(url === undefined ? undefined : { avatar_url: url })
        }
      }

      const profiles = (users: ReadonlyArray<UserId>) =>
        directory === undefined || users.length === 0 ? Effect.succeed([]) : directory.profiles(users)

      return ShownPeople.of({
        pictureUrl,
        profiles,
        profileOf: (stored) => {
          const { avatar, status, updatedAt, user } = stored
          return {
            user,
            ...shownOf(stored),
            ...(avatar === undefined ? undefined : { avatar }),
            ...(status === undefined ? undefined : { status }),
            updated_at: updatedAt
          }
        },
        shown: Effect.fnUntraced(
          function*(asker, users) {
            const found = yield* profiles(users)
            if (found.length === 0) return nobody
            const hidden = new Set(yield* store.blockedEitherWay(asker, found.map(({ user }) => user)))
            return new Map(found.flatMap((each) => hidden.has(each.user) ? [] : [[each.user, shownOf(each)] as const]))
          },
          Effect.orElseSucceed(() => nobody),
          // Whoever waits for a list has it, whatever a store of one's own does.
          Effect.catchDefect(() => Effect.succeed(nobody))
        )
      })
    })
  )
}
