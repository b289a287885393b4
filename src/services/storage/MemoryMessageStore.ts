/** The store without a disk: everything is gone with the process, and each conversation keeps its last entries only. */
import { Clock, Context, Effect, Layer } from "effect"
import { spanOf } from "../../domain/blockSpans.ts"
import { defined } from "../../domain/defined.ts"
import type { UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { checkTrim } from "./checkTrim.ts"
import { applyAppend } from "./commitRules.ts"
import { applyMove } from "./cursorRules.ts"
import { type DeviceOptions, maxDevicesPerUser as defaultMaxDevices } from "./devices.ts"
import { Directory } from "./Directory.ts"
import { FileRecords } from "./FileRecords.ts"
import { Invites } from "./Invites.ts"
import { Journal } from "./Journal.ts"
import { memoryDirectory } from "./memoryDirectory.ts"
import { memoryFileRecords, memoryServerKeys } from "./memoryFileRecords.ts"
import { memoryGroupReads } from "./memoryGroupReads.ts"
import { memoryInvites } from "./memoryInvites.ts"
import { MemoryJournal, memoryJournal } from "./MemoryJournal.ts"
import { memoryLists } from "./memoryLists.ts"
import { memoryPreferences } from "./memoryPreferencesOf.ts"
import { memoryPushRecords } from "./memoryPushRecords.ts"
import { memoryRelations } from "./memoryRelations.ts"
import { memoryReports } from "./MemoryReports.ts"
import { memorySearch } from "./memorySearch.ts"
import { memorySubscriptions } from "./MemorySubscriptions.ts"
import { MemoryTables } from "./MemoryTables.ts"
import { type Ban, MessageStore, StoreError, type UserExport } from "./MessageStore.ts"
import { columnsOf, preferencesOf } from "./preferenceRules.ts"
import { Preferences } from "./Preferences.ts"
import { PushRecords } from "./PushRecords.ts"
import { emptyPage, pageBounds } from "./readRules.ts"
import { Reports } from "./Reports.ts"
import { storedMembership, toEntry } from "./Rows.ts"
import { Search } from "./Search.ts"
import { ServerKeys } from "./ServerKeys.ts"
import { stampAppends } from "./stamping.ts"
import type { StoreParts } from "./StoreParts.ts"
import { Subscriptions } from "./Subscriptions.ts"

export interface MemoryMessageStoreOptions extends DeviceOptions {
  /** Entries kept in each conversation; older ones go, and `first_seq` says so. 1,000 by default. */
  readonly keep?: number
}

/** Whoever has it writes its epoch's commits one after the other, so only who is not its owner any more meets this. */
const notNext = () => new StoreError({ kind: "unavailable", message: "This is not the next position of that epoch." })

const exportOf = (tables: MemoryTables, bans: ReadonlyMap<string, Ban>, user: UserId): UserExport => {
  const at = tables.lastSeen.get(user)
  const profile = tables.profiles.get(user)
  const pushSubscriptions = tables.pushes.stored(user)
  const reports = tables.reports.madeBy(user)
  return {
    user,
    ...defined({ lastSeen: at, profile }),
    bans: Array.from(bans.values()).filter(({ id, kind }) => kind === "user" && id === user),
    blocks: tables.blocksOf(user).map(spanOf),
    devices: tables.devices.of(user),
    memberships: tables.membershipsOf(user)
      .sort((a, b) => a.conversation < b.conversation ? -1 : 1)
      .map((row) => {
        const log = tables.conversation(row.conversation)!
        const preferences = tables.preferences.of(user, row.conversation)
        return storedMembership(row, log, preferencesOf(columnsOf(preferences, log.last_seq)))
      }),
    ...(tables.preferences.readsPrivately(user) ? { readPrivately: true } : undefined),
    ...(pushSubscriptions.length === 0 ? undefined : { pushSubscriptions }),
    ...(reports.length === 0 ? undefined : { reports })
  }
}

const make = (tables: MemoryTables, journal: MemoryJournal, bans: Map<string, Ban>) => {
  const lists = memoryLists(tables)

  return MessageStore.of({
    durability: "memory",
    keepsWords: true,
    ...memoryRelations(tables),
    ...memoryGroupReads(tables),

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

    exportUser: (user) => Effect.sync(() => exportOf(tables, bans, user)),

    ownEntries: ({ after, conversation, limit, user }) =>
      Effect.sync(() => tables.ownEntries(user, conversation, after, limit).map(toEntry)),

    eraseUser: (user) => Effect.map(Clock.currentTimeMillis, (at) => tables.erase(user, at)),

    erasures: (after) => Effect.sync(() => tables.erasures(after))
  })
}

/** With the journal that servers need which share it, and the directory of its users. */
const layer = (
  { keep = 1_000, maxDevicesPerUser = defaultMaxDevices }: MemoryMessageStoreOptions = {}
): Layer.Layer<MessageStore | Journal | StoreParts> =>
  Layer.effectContext(Effect.map(Monotonic.now, (now) => {
    const tables = new MemoryTables(keep, maxDevicesPerUser)
    const journal = new MemoryJournal(now)
    const bans = new Map<string, Ban>()
    return Context.make(MessageStore, make(tables, journal, bans)).pipe(
      Context.add(Journal, memoryJournal(journal, tables)),
      Context.add(Directory, memoryDirectory(tables, bans)),
      Context.add(FileRecords, memoryFileRecords(tables.files)),
      Context.add(Preferences, memoryPreferences(tables)),
      Context.add(PushRecords, memoryPushRecords(tables)),
      Context.add(ServerKeys, memoryServerKeys()),
      Context.add(Search, memorySearch(tables)),
      Context.add(Invites, memoryInvites(tables)),
      Context.add(Reports, memoryReports(tables.reports)),
      Context.add(Subscriptions, memorySubscriptions(tables, now))
    )
  }))

export const MemoryMessageStore = { layer }
