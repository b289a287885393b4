/** What users may know of each other, in memory: whom they block, whom they share something with, when they were here. */
import { Effect } from "effect"
import { spanOf } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import type { MessageStore } from "./MessageStore.ts"

/** Groups gone through in one turn of the event loop, for the question who is related. */
const relatedPerTurn = 10_000

type Relations = Pick<
  MessageStore["Service"],
  "setBlock" | "blocks" | "visibleTo" | "blockedEitherWay" | "putLastSeen" | "lastSeen"
>

export const memoryRelations = (tables: MemoryTables): Relations => {
  const areBlockedEitherWay = (user: UserId, other: UserId): boolean =>
    tables.blockOf(user, other) !== undefined || tables.blockOf(other, user) !== undefined

  const isIn = (conversation: ConversationId, user: UserId) => tables.member(conversation, user)?.left_seq === null

  const share = (user: UserId, other: UserId): boolean => {
    const direct = Conversation.direct(user, other)
    if (isIn(direct, user) && isIn(direct, other)) return true
    const [mine, theirs] = [tables.groupsOf(user), tables.groupsOf(other)]
    const [few, many] = mine.size < theirs.size ? [mine, theirs] : [theirs, mine]
    for (const group of few) if (many.has(group)) return true
    return false
  }

  /** How many groups are gone through for one pair, about. */
  const costOf = (user: UserId, other: UserId) => 1 + Math.min(tables.groupsOf(user).size, tables.groupsOf(other).size)

  return {
    setBlock: (user, blocked, on, at) => Effect.sync(() => tables.setBlock(user, blocked, on, at).map(spanOf)),

    blocks: (user) => Effect.sync(() => tables.blocksOf(user).map(spanOf)),

    visibleTo: (user, others) =>
      Effect.gen(function*() {
        const found: Array<UserId> = []
        let left = relatedPerTurn
        for (const other of others) {
          left -= costOf(user, other)
          if (left < 0) {
            yield* ActorScheduler.nextTurn
            left = relatedPerTurn
          }
          if (!areBlockedEitherWay(user, other) && share(user, other)) found.push(other)
        }
        return found
      }),

    blockedEitherWay: (user, others) => Effect.sync(() => others.filter((other) => areBlockedEitherWay(user, other))),

    putLastSeen: (seen) =>
      Effect.sync(() => {
        for (const { at, user } of seen) tables.lastSeen.set(user, Math.max(at, tables.lastSeen.get(user) ?? at))
      }),

    lastSeen: (users) =>
      Effect.sync(() =>
        users.flatMap((user) => {
          const at = tables.lastSeen.get(user)
          return at === undefined ? [] : [{ user, at }]
        })
      )
  }
}
