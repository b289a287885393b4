/** Groups and who is, or was, in a conversation. */
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import type { GroupHistory } from "../../domain/entries/Group.ts"
import type { ConversationId, FileId, GroupId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { banOf } from "./groupCommit.ts"
import { goneWithin } from "./GroupState.ts"
import type { MemberRow } from "./Rows.ts"
import { numbers } from "./SqlRows.ts"

export const groups = (sql: Sql) => ({
  membership: function*(conversation: ConversationId, user: UserId) {
    const [row] = yield* sql<Pick<MemberRow, "joined_seq" | "role">>`
      SELECT role, joined_seq FROM members
      WHERE user_id = ${user} AND conversation = ${conversation} AND left_seq IS NULL`
    return row === undefined ? undefined : { role: row.role, firstVisible: numbers(row).joined_seq }
  },

  group: function*(group: GroupId) {
    const conversation = Conversation.group(group)
    // Read before the members: what changes between the two makes the version too old, which shows later.
    const [row] = yield* sql<
      {
        name: string | null
        head_seq: number
        history: GroupHistory | null
        version: number
        description: string | null
        avatar: FileId | null
      }
    >`
      SELECT c.name, c.head_seq, c.history, c.version, d.description, d.avatar FROM conversations c
      LEFT JOIN group_details d ON d.conversation = c.id WHERE c.id = ${conversation}`
    if (row === undefined) return undefined
    const { head_seq, version } = numbers(row)
    const people = (yield* sql<Pick<MemberRow, "role" | "user_id" | "joined_seq" | "left_seq">>`
      SELECT user_id, role, joined_seq, left_seq FROM members
      WHERE conversation = ${conversation} AND (left_seq IS NULL OR left_seq > ${head_seq - goneWithin})
      ORDER BY user_id`).map(numbers)
    const gone = people.flatMap(({ left_seq, user_id }) => left_seq === null ? [] : [{ user: user_id, left: left_seq }])
    const banned = yield* sql<{ user_id: UserId; reason: string | null; left_seq: number | null }>`
      SELECT b.user_id, b.reason, m.left_seq FROM group_bans b
      LEFT JOIN members m ON m.user_id = b.user_id AND m.conversation = b.conversation
      WHERE b.conversation = ${conversation} ORDER BY b.user_id`
    const { avatar, description } = row
    return {
      group,
      conversation,
      name: row.name ?? "",
      members: people.flatMap(({ joined_seq, left_seq, role, user_id }) =>
        left_seq === null ? [{ user: user_id, role, firstVisible: joined_seq }] : []
      ),
      headSeq: head_seq,
      version,
      history: row.history ?? "joined",
      ...defined({ description: description ?? undefined, avatar: avatar ?? undefined }),
      ...(banned.length === 0 ? undefined : {
        banned: banned.map(numbers).map(({ left_seq, reason, user_id }) => banOf(user_id, reason, left_seq))
      }),
      ...(gone.length === 0 ? undefined : { gone })
    }
  },

  groupHead: function*(group: GroupId) {
    const [row] = yield* sql<{ head_seq: number; version: number }>`
      SELECT head_seq, version FROM conversations WHERE id = ${Conversation.group(group)}`
    return row === undefined ? undefined : { headSeq: numbers(row).head_seq, version: numbers(row).version }
  },

  wasMember: function*(conversation: ConversationId, user: UserId) {
    const rows = yield* sql`SELECT 1 FROM members
      WHERE user_id = ${user} AND conversation = ${conversation} AND left_seq IS NOT NULL`
    return rows.length > 0
  }
})
