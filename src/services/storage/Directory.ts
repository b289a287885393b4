/**
 * Who is known to a store: whoever has a membership, was seen, has a profile or is banned. Comes with the stores of this
 * package; for a store of your own provide it beside your `MessageStore`, and `directoryContract` is the suite that it has
 * to pass. Without it the chat works, and of the admin API that lists people says that it cannot.
 */
import { Context, type Effect } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"
import type { ProfileChange, ProfilePatch } from "./profileRules.ts"
import type { ProfileSource, StoredProfile } from "./UserData.ts"

export type { ProfileChange, ProfilePatch } from "./profileRules.ts"
export type { ProfileSource, StoredProfile } from "./UserData.ts"

export interface KnownUser {
  readonly user: UserId
  readonly name?: string
  /** Milliseconds since the epoch. */
  readonly lastSeen?: number
}

export interface UserDetails extends KnownUser {
  readonly avatar?: string
  readonly status?: string
  readonly source?: ProfileSource
  /** Conversations that they are in now; the groups are among them. */
  readonly conversations: number
  readonly groups: number
}

/** How much there is; where there is very much, about. */
export interface StoreSize {
  /** `sqlite`, `postgres`, `memory`, or what a store of your own calls itself. */
  readonly kind: string
  /** On disk. */
  readonly bytes?: number
  readonly conversations: number
  readonly entries: number
}

export interface UserPage {
  readonly users: ReadonlyArray<KnownUser>
  readonly hasMore: boolean
}

/** Seats beside one's own, in all of one's conversations, that are looked at for people one knows. */
export const mostPeers = 20_000

export interface FoundUser {
  readonly user: UserId
  /** One of their words (`wordsOf`) that begins so. */
  readonly word: string
}

export interface FindOptions {
  /** As `foldedPrefix` makes it. */
  readonly prefix: string
  /** Only those who are in a conversation with this user, as far as `mostPeers` seats go. */
  readonly among?: UserId
  /** Where the page before ended. */
  readonly after?: FoundUser
  readonly limit: number
}

export interface FoundPage {
  /** In the order of the words and then of the ids. Who has several such words may come several times. */
  readonly found: ReadonlyArray<FoundUser>
  readonly hasMore: boolean
}

export class Directory extends Context.Service<Directory, {
  /** Users in rising order of id, after `after`. However many there are, a page costs a page. */
  users(options: { readonly after?: UserId; readonly limit: number }): Effect.Effect<UserPage, StoreError>
  /** `undefined` for somebody of whom nothing is known. */
  user(user: UserId): Effect.Effect<UserDetails | undefined, StoreError>
  /** Of these, those of whom something is known. In no order. */
  known(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<UserId>, StoreError>
  /** The profiles that these users have, in no order. */
  profiles(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<StoredProfile>, StoreError>
  /** In place of an earlier one; gone with `eraseUser`, and part of `exportUser`. */
  putProfile(profile: Omit<StoredProfile, "picture">): Effect.Effect<void, StoreError>
  /**
   * Changes a profile in one step with what it was (`patchProfile` of `profileRules.ts`), so that two that come together
   * lose nothing of each other. A file that it shows is needed (`FileRecords`), and one that it does not show any more is not.
   */
  patchProfile(patch: ProfilePatch): Effect.Effect<ProfileChange, StoreError>
  /** Those with a profile who have a word that begins so. However many there are, a page costs a page. */
  findUsers(options: FindOptions): Effect.Effect<FoundPage, StoreError>
  /** Never a look at every entry. */
  readonly size: Effect.Effect<StoreSize, StoreError>
}>()("switchboard/services/storage/Directory") {}
