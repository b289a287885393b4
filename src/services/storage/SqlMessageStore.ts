/** The store over SQL: one code for SQLite and Postgres, and one transaction for each commit. */
import { Clock, Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Durability } from "../../domain/ServerFrame.ts"
import { checkTrim } from "./checkTrim.ts"
import { applyAppend } from "./commitRules.ts"
import { applyMove } from "./cursorRules.ts"
import { type DeviceOptions, maxDevicesPerUser as defaultMaxDevices } from "./devices.ts"
import { dialectOf } from "./Dialect.ts"
import { longReads } from "./longReads.ts"
import { type Append, type CursorMove, MessageStore } from "./MessageStore.ts"
import type { Stamp } from "./Position.ts"
import { toldBy } from "./PostgresJournal.ts"
import { emptyPage, pageBounds } from "./readRules.ts"
import { type EntryRow, toEntry } from "./Rows.ts"
import { bans } from "./sqlBans.ts"
import { behind } from "./sqlBehind.ts"
import { blocks } from "./sqlBlocks.ts"
import { DeviceUses } from "./sqlDevices.ts"
import { eraseUser, erasures } from "./sqlErase.ts"
import { isRetryable, orStoreError } from "./sqlErrors.ts"
import { exportUser, ownEntries } from "./sqlExport.ts"
import { groups } from "./sqlGroups.ts"
import { trim } from "./sqlMaintenance.ts"
import { recent } from "./sqlRecent.ts"
import { relations } from "./sqlRelations.ts"
import { numbers } from "./SqlRows.ts"
import { conversations } from "./sqlSummaries.ts"
import { SqlUnitOfWork } from "./SqlUnitOfWork.ts"
import { makeVisibleTo } from "./sqlVisibleTo.ts"
import { entryColumns } from "./sqlWrites.ts"
import { stampAppends } from "./stamping.ts"

const checkBytes = 65_536

/** Builds the store on the `SqlClient` of the context, whose tables are there already. */
export const make = Effect.fnUntraced(function*(
  durability: Durability,
  { maxDevicesPerUser = defaultMaxDevices }: DeviceOptions = {}
) {
  const sql = yield* SqlClient.SqlClient
  const clock = yield* Clock.Clock
  const uses = new DeviceUses(maxDevicesPerUser)

  const { embedded } = dialectOf(sql)

  const commitOnce = (appends: ReadonlyArray<Append>, moves: ReadonlyArray<CursorMove>, stamp: Stamp | undefined) =>
    Effect.gen(function*() {
      const work = new SqlUnitOfWork()
      yield* work.fetch(sql, appends, moves)
      const applied = appends.map((append) => applyAppend(work, append))
      const moved = moves.map((move) => applyMove(work, move))
      const told = stamp === undefined || embedded ? undefined : stampAppends(work, stamp, appends, applied, () => true)
      yield* work.flush(sql, stamp === undefined || told === undefined ? undefined : toldBy(stamp, told.runs))
      if (moves.length > 0) yield* uses.note(sql, work.confirming, clock.currentTimeMillisUnsafe())
      return { appends: told?.results ?? applied, moves: moved }
    }).pipe(sql.withTransaction)

  const { blockedEitherWay, blocks: blocksOf, setBlock } = blocks(sql)
  const { lastSeen, latest, positions, putLastSeen } = relations(sql)
  const { bans: allBans, putBan, removeBan } = bans(sql)
  const { group, groupHead, membership, wasMember } = groups(sql)
  const reads = longReads(sql)
  const list = conversations(sql, reads)
  const recentOf = recent(sql, reads)
  const behindOf = behind(sql, reads)

  const bounds = Effect.fnUntraced(function*(conversation: ConversationId) {
    const [row] = yield* sql<{ head_seq: number; first_seq: number }>`
      SELECT head_seq, first_seq FROM conversations WHERE id = ${conversation}`
    return row === undefined ? undefined : numbers(row)
  })

  return MessageStore.of({
    durability,
    keepsWords: true,

    commit: Effect.fnUntraced(function*(appends, moves, stamp) {
      // Another node may have been first with the same client id, or in the same new conversation: then the second try
      // finds its entry. Nothing is left of the first, so its position is free.
      return yield* commitOnce(appends, moves, stamp).pipe(
        Effect.retry({ while: isRetryable, schedule: Schedule.recurs(3) })
      )
    }, orStoreError),

    history: Effect.fn("MessageStore.history")(function*(options) {
      const row = yield* bounds(options.conversation)
      if (row === undefined) return emptyPage
      const { high, low, page } = pageBounds(row, options)
      const rows = yield* sql<EntryRow>`
        SELECT ${
        sql.literal(entryColumns)
      } FROM entries WHERE conversation = ${options.conversation} AND seq >= ${low} AND seq <= ${high} ORDER BY seq`
      return { ...page, entries: rows.map((entry) => toEntry(numbers(entry))) }
    }, orStoreError),

    conversations: Effect.fn("MessageStore.conversations")(list, orStoreError),

    recent: Effect.fn("MessageStore.recent")(recentOf, orStoreError),

    behind: (options) => orStoreError(behindOf(options)),

    membership: Effect.fn("MessageStore.membership")(membership, orStoreError),
    group: Effect.fn("MessageStore.group")(group, orStoreError),
    groupHead: Effect.fn("MessageStore.groupHead")(groupHead, orStoreError),
    wasMember: Effect.fn("MessageStore.wasMember")(wasMember, orStoreError),
    positions: Effect.fn("MessageStore.positions")(positions, orStoreError),
    setBlock: Effect.fn("MessageStore.setBlock")(setBlock, orStoreError),
    blocks: Effect.fn("MessageStore.blocks")(blocksOf, orStoreError),
    visibleTo: Effect.fn("MessageStore.visibleTo")(makeVisibleTo(sql), orStoreError),
    latest: Effect.fn("MessageStore.latest")(latest, orStoreError),
    blockedEitherWay: Effect.fn("MessageStore.blockedEitherWay")(blockedEitherWay, orStoreError),
    putLastSeen: Effect.fn("MessageStore.putLastSeen")(putLastSeen, orStoreError),
    lastSeen: Effect.fn("MessageStore.lastSeen")(lastSeen, orStoreError),
    putBan: Effect.fn("MessageStore.putBan")(putBan, orStoreError),
    removeBan: Effect.fn("MessageStore.removeBan")(removeBan, orStoreError),
    bans: orStoreError(allBans),

    // A write as large as a batch may be: a disk that is full, almost full or read-only must not look well.
    check: Effect.suspend(() => sql`UPDATE store_check SET padding = ${"x".repeat(checkBytes)}`).pipe(
      Effect.andThen(sql`UPDATE store_check SET padding = ''`),
      Effect.asVoid,
      orStoreError
    ),

    trim: (options) => Effect.andThen(checkTrim(options), orStoreError(trim(sql, options))),

    exportUser: (user) => orStoreError(exportUser(sql, user)),
    ownEntries: (options) => orStoreError(ownEntries(sql, options)),
    eraseUser: (user, pause) => orStoreError(eraseUser(sql, user, pause)),
    erasures: (after) => orStoreError(erasures(sql, after))
  })
})
