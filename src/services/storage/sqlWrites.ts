/** What a commit changed, written in few statements and in an order in which two commits do not wait for each other. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { activeAt } from "./recent.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"
import { overRows } from "./SqlRows.ts"

export const entryColumns =
  "conversation, seq, message_id, sender, client_id, kind, target, body, flag, edited_at, original, at"

/** The same, of a table that is called `e`. */
export const entryColumnsOfE = entryColumns.replaceAll(/\w+/g, (column) => `e.${column}`)

const byKey = <T>(f: (t: T) => string) => (a: T, b: T) => f(a) < f(b) ? -1 : 1

export interface DeviceMove {
  readonly user: UserId
  readonly device: DeviceId
  readonly conversation: ConversationId
  readonly upTo: number
}

interface ChangedRows {
  readonly conversations: ReadonlyArray<ConversationRow>
  readonly members: ReadonlyArray<MemberRow>
  readonly conversationOf: (member: MemberRow) => ConversationRow
  /** Where the conversations that were there stand in the lists of their members. */
  readonly listedAt: ReadonlyMap<ConversationId, number>
  readonly added: ReadonlyArray<EntryRow>
  readonly changed: Iterable<EntryRow>
  /** The edits of these targets lose their texts. */
  readonly clearedEdits: ReadonlyArray<readonly [ConversationId, number]>
  readonly devices: ReadonlyArray<DeviceMove>
}

/** In the lists of their members; of those that are new the members are, too. */
const moveUp = (sql: Sql, { conversations, listedAt }: ChangedRows) => {
  const moved = conversations.filter((row) => (listedAt.get(row.id) ?? activeAt(row)) !== activeAt(row))
  return overRows(sql, {
    key: "move up",
    types: ["text", "int8"],
    template: (values) =>
      `UPDATE members SET active_at = v.column2 FROM (VALUES ${values}) AS v WHERE members.conversation = v.column1`
  }, moved.toSorted(byKey((row) => row.id)).map((row) => [row.id, activeAt(row)]))
}

export const writeRows = Effect.fnUntraced(
  function*(sql: Sql, rows: ChangedRows): Effect.fn.Return<void, SqlError.SqlError> {
    yield* overRows(
      sql,
      {
        key: "put conversations",
        types: ["text", "text", "text", "int8", "int8", "text", "int8", "int8", "int8"],
        template: (values) =>
          `INSERT INTO conversations (id, kind, name, head_seq, first_seq, history, version, last_seq, last_at)
         VALUES ${values}
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, head_seq = excluded.head_seq, vacant = 0,
           version = excluded.version, last_seq = excluded.last_seq, last_at = excluded.last_at`
      },
      rows.conversations.toSorted(byKey((c) => c.id)).map((
        c
      ) => [c.id, c.kind, c.name, c.head_seq, c.first_seq, c.history, c.version, c.last_seq, c.last_at])
    )
    yield* overRows(
      sql,
      {
        key: "put members",
        types: ["text", "text", "text", "int8", "int8", "int8", "int8", "int8"],
        template: (values) =>
          `INSERT INTO members (user_id, conversation, role, joined_seq, left_seq, read_seq, delivered_seq, active_at)
         VALUES ${values}
         ON CONFLICT (user_id, conversation) DO UPDATE SET role = excluded.role, joined_seq = excluded.joined_seq,
           left_seq = excluded.left_seq, read_seq = excluded.read_seq, delivered_seq = excluded.delivered_seq`
      },
      rows.members.toSorted(byKey((m) => `${m.user_id}\0${m.conversation}`)).map((
        m
      ) => [
        m.user_id,
        m.conversation,
        m.role,
        m.joined_seq,
        m.left_seq,
        m.read_seq,
        m.delivered_seq,
        activeAt(rows.conversationOf(m))
      ])
    )
    yield* moveUp(sql, rows)
    yield* overRows(
      sql,
      {
        key: "add entries",
        types: ["text", "int8", "text", "text", "text", "text", "int8", "text", "int8", "int8", "text", "int8"],
        template: (values) => `INSERT INTO entries (${entryColumns}) VALUES ${values}`
      },
      rows.added.map((e) => [
        e.conversation,
        e.seq,
        e.message_id,
        e.sender,
        e.client_id,
        e.kind,
        e.target,
        e.body,
        e.flag,
        e.edited_at,
        e.original,
        e.at
      ])
    )
    for (const e of rows.changed) {
      yield* sql`UPDATE entries SET body = ${e.body}, flag = ${e.flag}, edited_at = ${e.edited_at}, original = ${e.original}
        WHERE conversation = ${e.conversation} AND seq = ${e.seq}`
    }
    for (const [conversation, target] of rows.clearedEdits) {
      yield* sql`UPDATE entries SET body = NULL WHERE conversation = ${conversation} AND target = ${target} AND kind = 'edit'`
    }
    yield* overRows(
      sql,
      {
        key: "move devices",
        types: ["text", "text", "text", "int8"],
        template: (values) =>
          `INSERT INTO devices (user_id, device, conversation, received_seq) VALUES ${values}
         ON CONFLICT (user_id, device, conversation) DO UPDATE SET received_seq =
           CASE WHEN excluded.received_seq > devices.received_seq THEN excluded.received_seq ELSE devices.received_seq END`
      },
      rows.devices.toSorted(byKey((d) => `${d.user}\0${d.device}\0${d.conversation}`)).map((
        d
      ) => [d.user, d.device, d.conversation, d.upTo])
    )
  }
)
