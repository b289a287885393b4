/** Groups and who is, or was, in a conversation, in memory. */
import { Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { defined } from "../../domain/defined.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { banOf } from "./groupCommit.ts"
import { goneWithin } from "./GroupState.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import type { GroupMember, GroupState, MessageStore } from "./MessageStore.ts"

type Reads = Pick<MessageStore["Service"], "membership" | "group" | "groupHead" | "wasMember">

export const memoryGroupReads = (tables: MemoryTables): Reads => {
  const membersOf = (conversation: ConversationId): ReadonlyArray<GroupMember> =>
    tables.membersOf(conversation)
      .filter((row) => row.left_seq === null)
      .map((row) => ({ user: row.user_id, role: row.role, firstVisible: row.joined_seq }))
      .sort((a, b) => a.user < b.user ? -1 : 1)

  const goneOf = (conversation: ConversationId, headSeq: number): Pick<GroupState, "gone"> => {
    const gone = tables.membersOf(conversation).flatMap(({ left_seq, user_id: user }) =>
      left_seq !== null && left_seq > headSeq - goneWithin ? [{ user, left: left_seq }] : []
    )
    return gone.length === 0 ? {} : { gone: gone.sort((a, b) => a.user < b.user ? -1 : 1) }
  }

  const detailsOf = (conversation: ConversationId): Pick<GroupState, "description" | "avatar" | "banned"> => {
    const details = tables.groups.details(conversation)
    const bans = tables.groups.bansOf(conversation)
    return {
      ...defined({ description: details?.description ?? undefined, avatar: details?.avatar ?? undefined }),
      ...(bans.length === 0 ? undefined : {
        banned: bans.map(({ reason, user_id: user }) =>
          banOf(user, reason, tables.member(conversation, user)?.left_seq ?? null)
        )
      })
    }
  }

  return {
    membership: (conversation, user) =>
      Effect.sync(() => {
        const row = tables.member(conversation, user)
        return row === undefined || row.left_seq !== null ? undefined : { role: row.role, firstVisible: row.joined_seq }
      }),

    group: (group) =>
      Effect.sync(() => {
        const conversation = Conversation.group(group)
        const row = tables.conversation(conversation)
        if (row === undefined) return undefined
        return {
          group,
          conversation,
          name: row.name ?? "",
          members: membersOf(conversation),
          headSeq: row.head_seq,
          version: row.version,
          history: row.history ?? "joined",
          ...detailsOf(conversation),
          ...goneOf(conversation, row.head_seq)
        }
      }),

    groupHead: (group) =>
      Effect.sync(() => {
        const row = tables.conversation(Conversation.group(group))
        return row === undefined ? undefined : { headSeq: row.head_seq, version: row.version }
      }),

    wasMember: (conversation, user) => Effect.sync(() => (tables.member(conversation, user)?.left_seq ?? null) !== null)
  }
}
