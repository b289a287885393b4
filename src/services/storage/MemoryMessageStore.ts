/** The store without a disk: everything is gone with the process, and each conversation keeps its last entries only. */
import { Clock, Effect, Layer } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, DeviceId, GroupId, UserId } from "../../domain/Ids.ts"
import type { Place } from "../../domain/ListCursor.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import * as ActorScheduler from "../ActorScheduler.ts"
import { isWithheld, spanOf } from "./blockSpans.ts"
import { checkTrim } from "./checkTrim.ts"
import { applyAppend, applyMove } from "./commitRules.ts"
import { type DeviceOptions, maxDevicesPerUser as defaultMaxDevices } from "./devices.ts"
import { MemoryTables } from "./MemoryTables.ts"
import {
  type Ban,
  type Behind,
  type BehindPage,
  type GroupMember,
  type MemberPosition,
  MessageStore
} from "./MessageStore.ts"
import { Latest, recentOf, type RecentOptions } from "./recent.ts"
import { type MemberRow, storedMembership, toEntry } from "./Rows.ts"
import { countedFrom, fewEntries, type ListOptions, type ListPage, maxCounted, maxUnread } from "./unread.ts"

export interface MemoryMessageStoreOptions extends DeviceOptions {
  /** Entries kept in each conversation; older ones go, and `first_seq` says so. 1,000 by default. */
  readonly keep?: number
}

/** Groups gone through in one turn of the event loop, for the question who is related. */
const relatedPerTurn = 10_000
/** Memberships looked at in one step. */
const look = 1_024

const make = ({ keep = 1_000, maxDevicesPerUser = defaultMaxDevices }: MemoryMessageStoreOptions) => {
  const tables = new MemoryTables(keep, maxDevicesPerUser)
  const bans = new Map<string, Ban>()

  const firstVisible = (conversation: ConversationId, from: number) =>
    Math.max(tables.conversation(conversation)?.first_seq ?? 0, from)

  const unread = (row: MemberRow, from: number, head: number): number => {
    let count = 0
    for (let seq = from; seq <= head && count < maxUnread; seq++) {
      const entry = tables.entry(row.conversation, seq)
      if (entry === undefined || entry.kind !== "text" || entry.flag === 1 || entry.sender === row.user_id) continue
      if (!isWithheld(tables.spansWith(row.user_id, entry.sender), entry)) count++
    }
    return count
  }

  /** As long as there is not too much to count; the rest is for the next page. */
  const page = ({ after, device, limit, user }: ListOptions): ListPage => {
    const items: Array<ConversationSummary> = []
    let looked = 0
    let from = after
    while (true) {
      const rows = tables.membershipsAfter(user, from, look)
      for (const row of rows) {
        if (row.left_seq !== null) continue
        const { first_seq, head_seq } = tables.conversation(row.conversation)!
        const first = countedFrom({ ...row, first_seq, head_seq })
        if (head_seq - row.read_seq > fewEntries) looked += Math.max(0, head_seq - first + 1)
        if (items.length === limit || (looked > maxCounted && items.length > 0)) return { items, hasMore: true }
        items.push(summary(row, device, first))
      }
      if (rows.length < look) return { items, hasMore: false }
      from = rows.at(-1)!.conversation
    }
  }

  const recentPage = ({ device, limit, user }: RecentOptions, places: ReadonlyArray<Place>): ListPage => {
    const items: Array<ConversationSummary> = []
    let looked = 0
    for (const { at, conversation } of places.slice(0, limit)) {
      const row = tables.member(conversation, user)
      // They may have left between two steps.
      if (row === undefined || row.left_seq !== null) continue
      const { first_seq, head_seq, last_seq } = tables.conversation(conversation)!
      const first = countedFrom({ ...row, first_seq, head_seq })
      if (head_seq - row.read_seq > fewEntries) looked += Math.max(0, head_seq - first + 1)
      if (looked > maxCounted && items.length > 0) return { items, hasMore: true }
      const last = last_seq >= row.joined_seq ? tables.entry(conversation, last_seq) : undefined
      items.push(recentOf(summary(row, device, first), at, last && toEntry(last)))
    }
    return { items, hasMore: places.length > limit }
  }

  const summary = (row: MemberRow, device: DeviceId, first: number): ConversationSummary => {
    const { head_seq, kind, name } = tables.conversation(row.conversation)!
    const parsed = Conversation.parse(row.conversation)
    const common = {
      conversation: row.conversation,
      kind,
      head_seq,
      received: Math.max(tables.devices.received(row.user_id, device, row.conversation), row.joined_seq - 1),
      read: row.read_seq,
      unread: unread(row, first, head_seq)
    }
    if (parsed?.kind === "group") return { ...common, group: parsed.group, ...(name === null ? undefined : { name }) }
    const peer = parsed === undefined ? undefined : Conversation.peerOf(parsed.users, row.user_id)
    if (peer === undefined) return common
    const other = tables.member(row.conversation, peer)
    // A peer who was erased has no position.
    if (other === undefined) return { ...common, peer }
    // Whoever talks to themselves is their own peer.
    if (peer === row.user_id) return { ...common, peer, peer_delivered: row.delivered_seq, peer_read: row.read_seq }
    const { delivered, read } = positionOf(other, row.user_id)
    return { ...common, peer, peer_delivered: delivered, peer_read: read }
  }

  /** As `reader` may know it. */
  const positionOf = (member: MemberRow, reader: UserId): MemberPosition => {
    const { conversation, delivered_seq, joined_seq, read_seq, user_id } = member
    const theirs = tables.blockOf(user_id, reader)
    const mine = tables.blockOf(reader, user_id)
    // Nothing is known of a group's members from before the block.
    if (Conversation.isGroup(conversation) && (theirs ?? mine) !== undefined) {
      return { user: user_id, delivered: joined_seq - 1, read: joined_seq - 1 }
    }
    return {
      user: user_id,
      delivered: Math.min(delivered_seq, theirs?.mine.delivered ?? Infinity, mine?.theirs.delivered ?? Infinity),
      read: Math.min(read_seq, theirs?.mine.read ?? Infinity, mine?.theirs.read ?? Infinity)
    }
  }

  const areEstranged = (user: UserId, other: UserId): boolean =>
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

    history: ({ after, before, conversation, from = 1, limit }) =>
      Effect.sync(() => {
        const row = tables.conversation(conversation)
        if (row === undefined) return { entries: [], hasMore: false, firstSeq: 0, headSeq: 0 }
        const { head_seq } = row
        const first = firstVisible(conversation, from)
        // A page after a cursor that is behind the first entry begins at the first.
        const to = before === undefined
          ? Math.min(Math.max((after ?? 0) + 1, first) + limit - 1, head_seq)
          : Math.min(before - 1, head_seq)
        const low = before === undefined ? Math.max((after ?? 0) + 1, first) : Math.max(to - limit + 1, first)
        const entries = []
        for (let seq = low; seq <= to; seq++) entries.push(toEntry(tables.entry(conversation, seq)!))
        return {
          entries,
          hasMore: before === undefined ? to < head_seq : low > first,
          firstSeq: Math.min(first, head_seq + 1),
          headSeq: head_seq
        }
      }),

    conversations: (options) => Effect.sync(() => page(options)),

    recent: (options) =>
      Effect.gen(function*() {
        const latest = new Latest(options)
        let after: ConversationId | undefined
        while (true) {
          const rows = tables.membershipsAfter(options.user, after, look)
          latest.add(rows.flatMap(({ conversation, left_seq }) =>
            left_seq === null ? [{ at: tables.conversation(conversation)!.last_at, conversation }] : []
          ))
          if (rows.length < look) {
            return recentPage(options, latest.places)
          }
          after = rows.at(-1)!.conversation
          yield* ActorScheduler.nextTurn
        }
      }),

    behind: ({ after, device, limit, user }) =>
      Effect.sync((): BehindPage => {
        const items: Array<Behind> = []
        const rows = tables.membershipsAfter(user, after, look)
        for (const row of rows) {
          const { conversation } = row
          if (row.left_seq !== null) continue
          const head = tables.conversation(conversation)!.head_seq
          const received = Math.max(
            tables.devices.received(user, device, conversation),
            firstVisible(conversation, row.joined_seq) - 1
          )
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
          .map((row) => positionOf(row, reader))
          .sort((a, b) => a.user < b.user ? -1 : 1)
      ),

    setBlock: (user, blocked, on, at) => Effect.sync(() => tables.setBlock(user, blocked, on, at).map(spanOf)),

    blocks: (user) => Effect.sync(() => tables.blocksOf(user).map(spanOf)),

    related: (user, others) =>
      Effect.gen(function*() {
        const found: Array<UserId> = []
        let left = relatedPerTurn
        for (const other of others) {
          left -= costOf(user, other)
          if (left < 0) {
            yield* ActorScheduler.nextTurn
            left = relatedPerTurn
          }
          if (!areEstranged(user, other) && share(user, other)) found.push(other)
        }
        return found
      }),

    latest: (now) => Effect.sync(() => Math.max(now, tables.latest)),

    estranged: (user, others) => Effect.sync(() => others.filter((other) => areEstranged(user, other))),

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
