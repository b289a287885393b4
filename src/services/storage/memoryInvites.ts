/** Invitations into groups, in memory. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { isGood } from "./groupCommit.ts"
import { lookedAt, storedInvite } from "./inviteRows.ts"
import { Invites, keptInvites, maxInvites } from "./Invites.ts"
import type { MemoryTables } from "./MemoryTables.ts"

export const memoryInvites = (tables: MemoryTables): Invites["Service"] => {
  const { groups } = tables
  return Invites.of({
    create: ({ createdAt, expiresAt, group, invite, usesLeft }) =>
      Effect.sync(() => {
        const conversation = Conversation.group(group)
        const all = groups.invitesOf(conversation)
        const ended = all.filter((row) => !isGood(row, createdAt))
        if (all.length - ended.length >= maxInvites) return false
        for (const row of ended.slice(0, Math.max(0, ended.length - keptInvites + 1))) groups.removeInvite(row.invite)
        groups.putInvite({
          invite,
          conversation,
          created_at: createdAt,
          expires_at: expiresAt ?? null,
          uses_left: usesLeft ?? null
        })
        return true
      }),
    list: (group, now) =>
      Effect.sync(() =>
        groups.invitesOf(Conversation.group(group)).filter((row) => isGood(row, now))
          .sort((a, b) => a.created_at - b.created_at || (a.invite < b.invite ? -1 : 1))
          .map(storedInvite)
      ),
    look: (invite, user, now) =>
      Effect.sync(() => {
        const row = groups.invite(invite)
        if (row === undefined) return undefined
        const isIn = tables.member(row.conversation, user)?.left_seq === null
        return lookedAt(row, { isIn, isBanned: groups.isBanned(row.conversation, user) }, now)
      }),
    get: (invite) =>
      Effect.sync(() => {
        const row = groups.invite(invite)
        return row === undefined ? undefined : storedInvite(row)
      }),
    revoke: (invite) =>
      Effect.sync(() => {
        const row = groups.invite(invite)
        if (row !== undefined) groups.putInvite({ ...row, uses_left: 0 })
      })
  })
}
