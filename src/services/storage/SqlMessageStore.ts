/** The store over SQL: one code for SQLite and Postgres, and one transaction for each commit. */
import { Effect, Schedule } from "effect"
import { SqlClient } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { GroupHistory } from "../../domain/Entry.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import type { Durability } from "../../domain/ServerFrame.ts"
import { blockedNow } from "./blockSpans.ts"
import { applyAppend, applyMove } from "./commitRules.ts"
import { type Append, type Behind, type CursorMove, MessageStore } from "./MessageStore.ts"
import { type EntryRow, type MemberRow, toEntry } from "./Rows.ts"
import { isRetryable, orStoreError } from "./sqlErrors.ts"
import { eraseUser, trim } from "./sqlMaintenance.ts"
import { people } from "./sqlPeople.ts"
import { numbers } from "./SqlRows.ts"
import { summaryOf, summaryQuery, type SummaryRow } from "./sqlSummaries.ts"
import { SqlWorking } from "./SqlWorking.ts"

const checkBytes = 65_536

/** Builds the store on the `SqlClient` of the context, whose tables are there already. */
export const make = Effect.fnUntraced(function*(durability: Durability) {
  const sql = yield* SqlClient.SqlClient

  const commitOnce = (appends: ReadonlyArray<Append>, moves: ReadonlyArray<CursorMove>) =>
    Effect.gen(function*() {
      const working = new SqlWorking()
      yield* working.fetch(sql, appends, moves)
      const results = {
        appends: appends.map((append) => applyAppend(working, append)),
        moves: moves.map((move) => applyMove(working, move))
      }
      yield* working.flush(sql)
      return results
    }).pipe(sql.withTransaction)

  const of = people(sql)

  const bounds = Effect.fnUntraced(function*(conversation: ConversationId) {
    const [row] = yield* sql<{ head_seq: number; first_seq: number }>`
      SELECT head_seq, first_seq FROM conversations WHERE id = ${conversation}`
    return row === undefined ? undefined : numbers(row)
  })

  return MessageStore.of({
    durability,

    commit: Effect.fnUntraced(function*(appends: ReadonlyArray<Append>, moves: ReadonlyArray<CursorMove>) {
      // Another node may have been first with the same client id: then the second try finds its entry.
      return yield* commitOnce(appends, moves).pipe(Effect.retry({ while: isRetryable, schedule: Schedule.recurs(3) }))
    }, orStoreError),

    history: Effect.fn("MessageStore.history")(function*({ after, before, conversation, from = 1, limit }) {
      const row = yield* bounds(conversation)
      if (row === undefined) return { entries: [], hasMore: false, firstSeq: 0, headSeq: 0 }
      const first = Math.max(row.first_seq, from)
      const to = before === undefined
        ? Math.min(Math.max((after ?? 0) + 1, first) + limit - 1, row.head_seq)
        : Math.min(before - 1, row.head_seq)
      const low = before === undefined ? Math.max((after ?? 0) + 1, first) : Math.max(to - limit + 1, first)
      const rows = yield* sql<EntryRow>`
        SELECT conversation, seq, message_id, sender, client_id, kind, target, body, flag, edited_at, original, at
        FROM entries WHERE conversation = ${conversation} AND seq >= ${low} AND seq <= ${to} ORDER BY seq`
      return {
        entries: rows.map((entry) => toEntry(numbers(entry))),
        hasMore: before === undefined ? to < row.head_seq : low > first,
        firstSeq: Math.min(first, row.head_seq + 1),
        headSeq: row.head_seq
      }
    }, orStoreError),

    conversations: Effect.fn("MessageStore.conversations")(function*({ after, device, limit, user }) {
      const rows = yield* sql.unsafe<SummaryRow>(summaryQuery(sql), [user, after ?? "", device, limit + 1])
      return { items: rows.slice(0, limit).map((row) => summaryOf(numbers(row), user)), hasMore: rows.length > limit }
    }, orStoreError),

    behind: Effect.fn("MessageStore.behind")(function*({ after, device, limit, user }) {
      const rows = yield* sql<Behind & { readonly received: number | null; readonly floor: number }>`
        SELECT m.conversation, d.received_seq AS received, c.head_seq AS head,
          CASE WHEN m.joined_seq > c.first_seq THEN m.joined_seq ELSE c.first_seq END - 1 AS floor
        FROM members m
        JOIN conversations c ON c.id = m.conversation
        LEFT JOIN devices d ON d.user_id = m.user_id AND d.device = ${device} AND d.conversation = m.conversation
        WHERE m.user_id = ${user} AND m.conversation > ${after ?? ""} AND m.left_seq IS NULL
          AND c.head_seq >= c.first_seq AND c.head_seq > COALESCE(d.received_seq, 0)
        ORDER BY m.conversation LIMIT ${limit}`
      return rows.map((row) => {
        const { conversation, floor, head, received } = numbers(row)
        return { conversation, head, received: Math.max(received ?? 0, floor) }
      })
    }, orStoreError),

    membership: Effect.fn("MessageStore.membership")(function*(conversation: ConversationId, user: UserId) {
      const [row] = yield* sql<Pick<MemberRow, "joined_seq" | "role">>`
        SELECT role, joined_seq FROM members
        WHERE user_id = ${user} AND conversation = ${conversation} AND left_seq IS NULL`
      return row === undefined ? undefined : { role: row.role, firstVisible: numbers(row).joined_seq }
    }, orStoreError),

    group: Effect.fn("MessageStore.group")(function*(group: GroupId) {
      const conversation = Conversation.group(group)
      const [row] = yield* sql<{ name: string | null; head_seq: number; history: GroupHistory | null }>`
        SELECT name, head_seq, history FROM conversations WHERE id = ${conversation}`
      if (row === undefined) return undefined
      const members = yield* sql<Pick<MemberRow, "role" | "user_id">>`
        SELECT user_id, role FROM members WHERE conversation = ${conversation} AND left_seq IS NULL ORDER BY user_id`
      return {
        group,
        conversation,
        name: row.name ?? "",
        members: members.map((member) => ({ user: member.user_id, role: member.role })),
        headSeq: numbers(row).head_seq,
        history: row.history ?? "joined"
      }
    }, orStoreError),

    wasMember: Effect.fn("MessageStore.wasMember")(function*(conversation: ConversationId, user: UserId) {
      const rows = yield* sql`SELECT 1 FROM members
        WHERE user_id = ${user} AND conversation = ${conversation} AND left_seq IS NOT NULL`
      return rows.length > 0
    }, orStoreError),

    positions: Effect.fn("MessageStore.positions")(of.positions, orStoreError),
    setBlock: Effect.fn("MessageStore.setBlock")(of.setBlock, orStoreError),
    blocks: (user) => orStoreError(of.blocks(user)),
    related: (user, others) => orStoreError(of.related(user, others)),
    latest: (now) => orStoreError(of.latest(now)),
    estranged: (user, others) => orStoreError(of.estranged(user, others)),
    putLastSeen: (seen) => orStoreError(of.putLastSeen(seen)),
    lastSeen: (users) => orStoreError(of.lastSeen(users)),
    putBan: (ban) => orStoreError(of.putBan(ban)),
    removeBan: (subject) => orStoreError(of.removeBan(subject)),
    bans: orStoreError(of.bans),

    // A write as large as a batch may be: a disk that is full, almost full or read-only must not look well.
    check: Effect.suspend(() => sql`UPDATE store_check SET padding = ${"x".repeat(checkBytes)}`).pipe(
      Effect.andThen(sql`UPDATE store_check SET padding = ''`),
      Effect.asVoid,
      orStoreError
    ),

    trim: (options) => trim(sql, options).pipe(orStoreError),

    exportUser: Effect.fn("MessageStore.exportUser")(function*(user: UserId) {
      const rows = yield* sql.unsafe<SummaryRow>(summaryQuery(sql), [user, "", "default", 1_000_000])
      const devices = yield* sql<{ device: never; conversation: ConversationId; received: number }>`
        SELECT device, conversation, received_seq AS received FROM devices WHERE user_id = ${user}
        ORDER BY device, conversation`
      return {
        user,
        conversations: rows.map((row) => summaryOf(numbers(row), user)),
        devices: devices.map((row) => {
          const { conversation, device, received } = numbers(row)
          return { device, conversation, received }
        }),
        blocked: blockedNow(yield* of.blocks(user))
      }
    }, orStoreError),

    eraseUser: (user) => eraseUser(sql, user).pipe(orStoreError)
  })
})
