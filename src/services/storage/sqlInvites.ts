/** Invitations into groups, in SQL. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { type InviteRow, isGood } from "./groupCommit.ts"
import { lookedAt, storedInvite } from "./inviteRows.ts"
import { Invites, keptInvites, maxInvites } from "./Invites.ts"
import { orStoreError } from "./sqlErrors.ts"
import { numbers } from "./SqlRows.ts"

interface LookRow extends InviteRow {
  readonly member: UserId | null
  readonly banned: UserId | null
}

export const make = (sql: Sql): Invites["Service"] => {
  const { forUpdate } = dialectOf(sql)

  const good = (conversation: ConversationId, now: number) =>
    Effect.map(
      sql<InviteRow>`SELECT invite, conversation, created_at, expires_at, uses_left FROM group_invites
        WHERE conversation = ${conversation} AND (expires_at IS NULL OR expires_at > ${now})
          AND (uses_left IS NULL OR uses_left > 0) ORDER BY created_at, invite`,
      (rows) => rows.map(numbers)
    )

  return Invites.of({
    create: Effect.fn("Invites.create")(
      function*({ createdAt, expiresAt, group, invite, usesLeft }) {
        const conversation = Conversation.group(group)
        // One after the other in a group, so that they are counted.
        yield* sql`SELECT id FROM conversations WHERE id = ${conversation} ${sql.literal(forUpdate)}`
        if ((yield* good(conversation, createdAt)).length >= maxInvites) return false
        const ended = yield* sql<InviteRow>`SELECT invite, conversation, created_at, expires_at, uses_left
          FROM group_invites WHERE conversation = ${conversation} ORDER BY created_at DESC, invite`
        for (const { invite } of ended.map(numbers).filter((row) => !isGood(row, createdAt)).slice(keptInvites - 1)) {
          yield* sql`DELETE FROM group_invites WHERE invite = ${invite}`
        }
        yield* sql`INSERT INTO group_invites (invite, conversation, created_at, expires_at, uses_left)
          VALUES (${invite}, ${conversation}, ${createdAt}, ${expiresAt ?? null}, ${usesLeft ?? null})`
        return true
      },
      sql.withTransaction,
      orStoreError
    ),

    list: (group, now) =>
      orStoreError(Effect.map(good(Conversation.group(group), now), (rows) => rows.map(storedInvite))),

    look: (invite, user, now) =>
      orStoreError(Effect.map(
        sql<LookRow>`SELECT i.invite, i.conversation, i.created_at, i.expires_at, i.uses_left,
            m.user_id AS member, b.user_id AS banned
          FROM group_invites i
          LEFT JOIN members m ON m.user_id = ${user} AND m.conversation = i.conversation AND m.left_seq IS NULL
          LEFT JOIN group_bans b ON b.conversation = i.conversation AND b.user_id = ${user}
          WHERE i.invite = ${invite}`,
        ([row]) =>
          row === undefined
            ? undefined
            : lookedAt(numbers(row), { isIn: row.member !== null, isBanned: row.banned !== null }, now)
      )),

    get: (invite) =>
      orStoreError(Effect.map(
        sql<InviteRow>`SELECT invite, conversation, created_at, expires_at, uses_left FROM group_invites
          WHERE invite = ${invite}`,
        ([row]) => row === undefined ? undefined : storedInvite(numbers(row))
      )),

    revoke: (invite) =>
      orStoreError(Effect.asVoid(sql`UPDATE group_invites SET uses_left = 0 WHERE invite = ${invite}`))
  })
}
