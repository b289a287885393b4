/** The store without a disk: everything is gone with the process, and each conversation keeps its last entries only. */
import { Clock, Effect, Layer } from "effect"
import { spanOf } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import { checkTrim } from "./checkTrim.ts"
import { applyAppend, applyMove } from "./commitRules.ts"
import { type DeviceOptions, maxDevicesPerUser as defaultMaxDevices } from "./devices.ts"
import { look, memoryLists } from "./memoryLists.ts"
import { MemoryTables } from "./MemoryTables.ts"
import { type Ban, type Behind, type BehindPage, type GroupMember, MessageStore } from "./MessageStore.ts"
import { emptyPage, pageBounds } from "./readRules.ts"
import { storedMembership, toEntry } from "./Rows.ts"

export interface MemoryMessageStoreOptions extends DeviceOptions {
  /** Entries kept in each conversation; older ones go, and `first_seq` says so. 1,000 by default. */
  readonly keep?: number
}

/** Groups gone through in one turn of the event loop, for the question who is related. */
const relatedPerTurn = 10_000

const make = ({ keep = 1_000, maxDevicesPerUser = defaultMaxDevices }: MemoryMessageStoreOptions) => {
  const tables = new MemoryTables(keep, maxDevicesPerUser)
  const bans = new Map<string, Ban>()
  const lists = memoryLists(tables)

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

  const membersOf = (conversation: ConversationId): ReadonlyArray<GroupMember> =>
    tables.membersOf(conversation)
      .filter((row) => row.left_seq === null)
      .map((row) => ({ user: row.user_id, role: row.role, firstVisible: row.joined_seq }))
      .sort((a, b) => a.user < b.user ? -1 : 1)

  return MessageStore.of({
    durability: "memory",

    commit: (appends, moves) =>
      Effect.sync(() => ({
        appends: appends.map((append) => applyAppend(tables, append)),
        moves: moves.map((move) => applyMove(tables, move))
      })),

    history: (options) =>
      Effect.sync(() => {
        const { conversation } = options
        const row = tables.conversation(conversation)
        if (row === undefined) return emptyPage
        const { high, low, page } = pageBounds(row, options)
        const entries = []
        for (let seq = low; seq <= high; seq++) entries.push(toEntry(tables.entry(conversation, seq)!))
        return { ...page, entries }
      }),

    conversations: (options) => Effect.sync(() => lists.page(options)),

    recent: (options) => lists.recent(options),

    behind: ({ after, device, limit, user }) =>
      Effect.sync((): BehindPage => {
        const items: Array<Behind> = []
        const rows = tables.membershipsAfter(user, after, look)
        for (const row of rows) {
          const { conversation } = row
          if (row.left_seq !== null) continue
          const { first_seq, head_seq: head } = tables.conversation(conversation)!
          const floor = Math.max(first_seq, row.joined_seq) - 1
          const received = Math.max(tables.devices.received(user, device, conversation), floor)
          if (received < head) items.push({ conversation, received, head })
          if (items.length === limit) return { items, next: conversation }
        }
        return rows.length < look ? { items } : { items, next: rows.at(-1)!.conversation }
      }),

    membership: (conversation, user) =>
      Effect.sync(() => {
        const row = tables.member(conversation, user)
        return row === undefined || row.left_seq !== null ? undefined : { role: row.role, firstVisible: row.joined_seq }
      }),

    group: (group: GroupId) =>
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
          history: row.history ?? "joined"
        }
      }),

    groupHead: (group) =>
      Effect.sync(() => {
        const row = tables.conversation(Conversation.group(group))
        return row === undefined ? undefined : { headSeq: row.head_seq, version: row.version }
      }),

    wasMember: (conversation, user) =>
      Effect.sync(() => (tables.member(conversation, user)?.left_seq ?? null) !== null),

    positions: (conversation, reader) =>
      Effect.sync(() =>
        tables.membersOf(conversation)
          .filter((row) => row.left_seq === null)
          .map(lists.positionFor(reader))
          .sort((a, b) => a.user < b.user ? -1 : 1)
      ),

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

    latest: (now) => Effect.sync(() => Math.max(now, tables.latest)),

    blockedEitherWay: (user, others) => Effect.sync(() => others.filter((other) => areBlockedEitherWay(user, other))),

    putLastSeen: (seen) =>
      Effect.sync(() => {
        for (const { at, user } of seen) tables.lastSeen.set(user, at)
      }),

    lastSeen: (users) =>
      Effect.sync(() =>
        users.flatMap((user) => {
          const at = tables.lastSeen.get(user)
          return at === undefined ? [] : [{ user, at }]
        })
      ),

    putBan: (ban) =>
      Effect.sync(() => {
        bans.set(`${ban.kind} ${ban.id}`, ban)
      }),

    removeBan: ({ id, kind }) => Effect.sync(() => bans.delete(`${kind} ${id}`)),

    bans: Effect.sync(() => Array.from(bans.values())),

    check: Effect.void,

    trim: (options) => Effect.andThen(checkTrim(options), Effect.sync(() => tables.trim(options))),

    exportUser: (user) =>
      Effect.sync(() => {
        const at = tables.lastSeen.get(user)
        return {
          user,
          ...(at === undefined ? undefined : { lastSeen: at }),
          bans: Array.from(bans.values()).filter(({ id, kind }) => kind === "user" && id === user),
          blocks: tables.blocksOf(user).map(spanOf),
          devices: tables.devices.of(user),
          memberships: tables.membershipsOf(user)
            .sort((a, b) => a.conversation < b.conversation ? -1 : 1)
            .map((row) => storedMembership(row, tables.conversation(row.conversation)!))
        }
      }),

    ownEntries: ({ after, conversation, limit, user }) =>
      Effect.sync(() => tables.ownEntries(user, conversation, after, limit).map(toEntry)),

    eraseUser: (user) => Effect.map(Clock.currentTimeMillis, (at) => tables.erase(user, at)),

    erasures: (after) => Effect.sync(() => tables.erasures(after))
  })
}

const layer = (options: MemoryMessageStoreOptions = {}): Layer.Layer<MessageStore> =>
  Layer.sync(MessageStore, () => make(options))

export const MemoryMessageStore = { layer }
