/** `PushRecords` over the tables in memory. */
import { Effect } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import { type PushReader, type PushRecord, PushRecords } from "./PushRecords.ts"

export const memoryPushRecords = (tables: MemoryTables): PushRecords["Service"] => {
  const { preferences, pushes } = tables
  const endpoints = (user: UserId) => pushes.of(user).map(({ endpoint }) => endpoint)
  return PushRecords.of({
    put: (record, { max, now }) =>
      Effect.sync(() => {
        pushes.put(record, max, now)
        return endpoints(record.user)
      }),

    remove: (user, endpoint) =>
      Effect.sync(() => {
        pushes.remove(user, endpoint)
        return endpoints(user)
      }),

    of: (users) =>
      Effect.sync(() => users.flatMap((user) => pushes.of(user).map(({ at: _, ...record }): PushRecord => record))),

    users: ({ after = "", limit }) =>
      Effect.sync(() => Array.from(pushes.users).filter((user) => user > after).sort().slice(0, limit)),

    readers: (conversation, users) =>
      Effect.sync(() =>
        users.flatMap((user): ReadonlyArray<PushReader> => {
          const member = tables.member(conversation, user)
          if (member?.left_seq !== null) return []
          const { name } = tables.conversation(conversation)!
          const row = preferences.of(user, conversation)
          return [{
            user,
            firstVisible: member.joined_seq,
            delivered: member.delivered_seq,
            ...(name === null ? undefined : { groupName: name }),
            ...(row === undefined || row.muted_until === null ? undefined : { mutedUntil: row.muted_until }),
            ...(row?.mutes_mentions === 1 ? { mutesMentions: true } : undefined)
          }]
        })
      )
  })
}
