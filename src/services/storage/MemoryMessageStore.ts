/** The store without a disk: everything is gone with the process, and each conversation keeps its last entries only. */
import { Clock, Context, Effect, Layer } from "effect"
import { spanOf } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, GroupId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { checkTrim } from "./checkTrim.ts"
import { applyAppend, applyMove } from "./commitRules.ts"
import { type DeviceOptions, maxDevicesPerUser as defaultMaxDevices } from "./devices.ts"
import { Directory } from "./Directory.ts"
import { Journal } from "./Journal.ts"
import { memoryDirectory } from "./memoryDirectory.ts"
import { MemoryJournal, memoryJournal } from "./MemoryJournal.ts"
import { memoryLists } from "./memoryLists.ts"
import { memoryRelations } from "./memoryRelations.ts"
import { memorySubscriptions } from "./MemorySubscriptions.ts"
import { MemoryTables } from "./MemoryTables.ts"
import { type Ban, type GroupMember, MessageStore, StoreError } from "./MessageStore.ts"
import { emptyPage, pageBounds } from "./readRules.ts"
import { storedMembership, toEntry } from "./Rows.ts"
import { stampAppends } from "./stamping.ts"
import { Subscriptions } from "./Subscriptions.ts"

export interface MemoryMessageStoreOptions extends DeviceOptions {
  /** Entries kept in each conversation; older ones go, and `first_seq` says so. 1,000 by default. */
  readonly keep?: number
}

/** Whoever has it writes its epoch's commits one after the other, so only who is not its owner any more meets this. */
const notNext = () => new StoreError({ kind: "unavailable", message: "This is not the next position of that epoch." })

const make = (tables: MemoryTables, journal: MemoryJournal, bans: Map<string, Ban>) => {
  const lists = memoryLists(tables)

  const membersOf = (conversation: ConversationId): ReadonlyArray<GroupMember> =>
    tables.membersOf(conversation)
      .filter((row) => row.left_seq === null)
      .map((row) => ({ user: row.user_id, role: row.role, firstVisible: row.joined_seq }))
      .sort((a, b) => a.user < b.user ? -1 : 1)

  return MessageStore.of({
    durability: "memory",
    ...memoryRelations(tables),

    commit: (appends, moves, stamp) =>
      Effect.suspend(() => {
        if (stamp !== undefined && journal.next(stamp.epoch) !== stamp.offset) return Effect.fail(notNext())
        const applied = appends.map((append) => applyAppend(tables, append))
        const moved = moves.map((move) => applyMove(tables, move))
        if (stamp === undefined) return Effect.succeed({ appends: applied, moves: moved })
        const { results, runs } = stampAppends(tables, stamp, appends, applied, (epoch) => journal.has(epoch))
        const { epoch, notes, offset } = stamp
        if (runs.length > 0 || notes.length > 0) journal.write({ epoch, offset, runs, notes })
        return Effect.succeed({ appends: results, moves: moved })
      }),

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

    behind: (options) => Effect.sync(() => lists.behind(options)),

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

    latest: (now) => Effect.sync(() => Math.max(now, tables.latest)),

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
        const profile = tables.profiles.get(user)
        return {
          user,
          ...(at === undefined ? undefined : { lastSeen: at }),
          ...(profile === undefined ? undefined : { profile }),
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

/** With the journal that servers need which share it, and the directory of its users. */
const layer = (
  { keep = 1_000, maxDevicesPerUser = defaultMaxDevices }: MemoryMessageStoreOptions = {}
): Layer.Layer<MessageStore | Journal | Directory | Subscriptions> =>
  Layer.effectContext(Effect.map(Monotonic.now, (now) => {
    const tables = new MemoryTables(keep, maxDevicesPerUser)
    const journal = new MemoryJournal(now)
    const bans = new Map<string, Ban>()
    return Context.make(MessageStore, make(tables, journal, bans)).pipe(
      Context.add(Journal, memoryJournal(journal, tables)),
      Context.add(Directory, memoryDirectory(tables, bans)),
      Context.add(Subscriptions, memorySubscriptions(tables, now))
    )
  }))

export const MemoryMessageStore = { layer }
