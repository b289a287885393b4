/**
 * Invitations into groups, which the commit of whoever joins looks for and counts (`commitRules.ts`). Comes with the stores
 * of this package; for a store of your own provide it beside your `MessageStore`. Without it there are no invitations.
 *
 * They are kept as they are given out: their owners and admins are shown them again, and whoever has the database has what
 * is said in the group, too.
 */
import { Context, type Effect } from "effect"
import type { GroupId, Invite, UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"

/** Invitations into one group that are good at a time. */
export const maxInvites = 100
/** Of those that are not good any more, so many of a group are kept: a retry of who came in by one is known by it. */
export const keptInvites = 100

export interface StoredInvite {
  readonly invite: Invite
  readonly group: GroupId
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly expiresAt?: number
  /** Of one that lets in so many, how many more; 0 once it is revoked. */
  readonly usesLeft?: number
}

export class Invites extends Context.Service<Invites, {
  /** False where the group has `maxInvites` that are good at `createdAt`; then nothing is kept. */
  create(invite: StoredInvite): Effect.Effect<boolean, StoreError>
  /** Those that are good at `now`, the oldest first. */
  list(group: GroupId, now: number): Effect.Effect<ReadonlyArray<StoredInvite>, StoreError>
  /**
   * What this invitation is to this user at `now`, in one read: `isIn` says that they are in its group, `isOpen` that it
   * is good and the group does not keep them out.
   */
  look(invite: Invite, user: UserId, now: number): Effect.Effect<
    { readonly group: GroupId; readonly isIn: boolean; readonly isOpen: boolean } | undefined,
    StoreError
  >
  get(invite: Invite): Effect.Effect<StoredInvite | undefined, StoreError>
  /** From now on it lets nobody in. */
  revoke(invite: Invite): Effect.Effect<void, StoreError>
}>()("switchboard/services/storage/Invites") {}
