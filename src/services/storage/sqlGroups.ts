/** Groups and who is, or was, in a conversation. */
import * as Conversation from "../../domain/Conversation.ts"
import type { GroupHistory } from "../../domain/entries/Group.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
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
      { name: string | null; head_seq: number; history: GroupHistory | null; version: number }
    >`
      SELECT name, head_seq, history, version FROM conversations WHERE id = ${conversation}`
    if (row === undefined) return undefined
    const members = yield* sql<Pick<MemberRow, "role" | "user_id" | "joined_seq">>`
      SELECT user_id, role, joined_seq FROM members
      WHERE conversation = ${conversation} AND left_seq IS NULL ORDER BY user_id`
    return {
      group,
      conversation,
      name: row.name ?? "",
      members: members.map(numbers).map(({ joined_seq, role, user_id }) => ({
        user: user_id,
        role,
        firstVisible: joined_seq
      })),
      headSeq: numbers(row).head_seq,
      version: numbers(row).version,
      history: row.history ?? "joined"
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
