/** Rows of invitations, as they are told. */
import * as Conversation from "../../domain/Conversation.ts"
import { type InviteRow, isGood } from "./groupCommit.ts"
import type { StoredInvite } from "./Invites.ts"

export const storedInvite = (
  { conversation, created_at, expires_at, invite, uses_left }: InviteRow
): StoredInvite => ({
  invite,
  group: Conversation.groupOf(conversation)!,
  createdAt: created_at,
  ...(expires_at === null ? undefined : { expiresAt: expires_at }),
  ...(uses_left === null ? undefined : { usesLeft: uses_left })
})

export const lookedAt = (
  row: InviteRow,
  { isBanned, isIn }: { readonly isIn: boolean; readonly isBanned: boolean },
  now: number
) => ({ group: Conversation.groupOf(row.conversation)!, isIn, isOpen: isGood(row, now) && !isBanned })
