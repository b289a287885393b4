/**
 * Who is known to a store: whoever has a membership, was seen, has a profile or is banned. Comes with the stores of this
 * package; for a store of your own provide it beside your `MessageStore`, and `directoryContract` is the suite that it has
 * to pass. Without it the chat works, and of the admin API that lists people says that it cannot.
 */
import { Context, type Effect } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"
import type { StoredProfile } from "./UserData.ts"

export type { StoredProfile } from "./UserData.ts"

export interface KnownUser {
  readonly user: UserId
  readonly name?: string
  /** Milliseconds since the epoch. */
  readonly lastSeen?: number
}

export interface UserDetails extends KnownUser {
  readonly avatar?: string
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

export class Directory extends Context.Service<Directory, {
  /** Users in rising order of id, after `after`. However many there are, a page costs a page. */
  users(options: { readonly after?: UserId; readonly limit: number }): Effect.Effect<UserPage, StoreError>
  /** `undefined` for somebody of whom nothing is known. */
  user(user: UserId): Effect.Effect<UserDetails | undefined, StoreError>
  /** The profiles that these users have, in no order. */
  profiles(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<StoredProfile>, StoreError>
  /** In place of an earlier one; gone with `eraseUser`, and part of `exportUser`. */
  putProfile(profile: StoredProfile): Effect.Effect<void, StoreError>
  /** Never a look at every entry. */
  readonly size: Effect.Effect<StoreSize, StoreError>
}>()("switchboard/services/storage/Directory") {}
