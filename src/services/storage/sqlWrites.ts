/** What a commit changed, written in few statements and in an order in which two commits do not wait for each other. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import type { EntryRow } from "./Rows.ts"
import { searchIndexOf } from "./searchIndexOf.ts"
import { type MemberWrites, writeMembers } from "./sqlMemberWrites.ts"
import { writeMentions } from "./sqlMentions.ts"
import { type AlsoRow, byKey, overRows } from "./SqlRows.ts"

export const entryColumns =
  "conversation, seq, message_id, sender, client_id, kind, target, body, flag, edited_at, original, at, attachments, mentions, data"

const entryTypes = Array.from(
  entryColumns.split(", "),
  (column) => ["seq", "target", "flag", "edited_at", "at"].includes(column) ? "int8" as const : "text" as const
)

/** The same, of a table that is called `e`. */
export const entryColumnsOfE = entryColumns.replaceAll(/\w+/g, (column) => `e.${column}`)

export interface DeviceMove {
  readonly user: UserId
  readonly device: DeviceId
  readonly conversation: ConversationId
  readonly upTo: number
}

interface ChangedRows extends MemberWrites {
  readonly added: ReadonlyArray<EntryRow>
  readonly changed: ReadonlyArray<EntryRow>
  /** The edits of these targets lose their texts. */
  readonly clearedEdits: ReadonlyArray<readonly [ConversationId, number]>
  /** They mention nobody any more. */
  readonly unmentioned: ReadonlyArray<readonly [ConversationId, number]>
  readonly devices: ReadonlyArray<DeviceMove>
  /** The commit's row of the journal, if it tells other servers anything. */
  readonly told: AlsoRow | undefined
}

/** Where others write at the same time, an erasure may have removed the membership: then there is no cursor to keep. */
const present = (values: string): string =>
  `SELECT v.* FROM (VALUES ${values}) AS v
   JOIN members m ON m.user_id = v.column1 AND m.conversation = v.column3
   ORDER BY v.column1 COLLATE "C", v.column2 COLLATE "C", v.column3 COLLATE "C" FOR KEY SHARE OF m`

const moveDevices = (embedded: boolean) => ({
  key: "move devices",
  types: ["text", "text", "text", "int8"] as const,
  template: (values: string) =>
    `INSERT INTO devices (user_id, device, conversation, received_seq) ${
      embedded ? `VALUES ${values}` : present(values)
    }
     ON CONFLICT (user_id, device, conversation) DO UPDATE SET received_seq =
       CASE WHEN excluded.received_seq > devices.received_seq THEN excluded.received_seq ELSE devices.received_seq END`
})

export const writeRows = Effect.fnUntraced(
  function*(sql: Sql, rows: ChangedRows): Effect.fn.Return<void, SqlError.SqlError> {
    yield* overRows(
      sql,
      {
        key: "put conversations",
        types: ["text", "text", "text", "int8", "int8", "text", "int8", "int8", "int8", "int8", "int8"],
        template: (values) =>
          `INSERT INTO conversations
           (id, kind, name, head_seq, first_seq, history, version, last_seq, last_at, head_epoch, head_offset)
         VALUES ${values}
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, head_seq = excluded.head_seq, vacant = 0,
           version = excluded.version, last_seq = excluded.last_seq, last_at = excluded.last_at,
           head_epoch = excluded.head_epoch, head_offset = excluded.head_offset`
      },
      rows.conversations.toSorted(byKey((c) => c.id)).map((c) => [
        c.id,
        c.kind,
        c.name,
        c.head_seq,
        c.first_seq,
        c.history,
        c.version,
        c.last_seq,
        c.last_at,
        c.head_epoch,
        c.head_offset
      ])
    )
    yield* writeMembers(sql, rows)
    yield* overRows(
      sql,
      {
        key: "add entries",
        types: entryTypes,
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
        e.at,
        e.attachments,
        e.mentions,
        e.data
      ]),
      rows.told
    )
    if (rows.told !== undefined && rows.added.length === 0) {
      const { statement: template, types, values } = rows.told
      yield* overRows(sql, { key: "told", types, template }, [values])
    }
    for (const e of rows.changed) {
      yield* sql`UPDATE entries SET body = ${e.body}, flag = ${e.flag}, edited_at = ${e.edited_at}, original = ${e.original},
        attachments = ${e.attachments}, data = ${e.data}, mentions = ${e.mentions} WHERE conversation = ${e.conversation} AND seq = ${e.seq}`
    }
    for (const [conversation, target] of rows.clearedEdits) {
      yield* sql`UPDATE entries SET body = NULL, data = NULL WHERE conversation = ${conversation} AND target = ${target} AND kind = 'edit'`
    }
    yield* writeMentions(sql, rows.added, rows.unmentioned)
    if (rows.added.length > 0 || rows.changed.length > 0) {
      yield* searchIndexOf(sql).written(sql, rows.added, rows.changed)
    }
    yield* overRows(
      sql,
      moveDevices(dialectOf(sql).embedded),
      rows.devices.toSorted(byKey((d) => `${d.user}\0${d.device}\0${d.conversation}`)).map((
        d
      ) => [d.user, d.device, d.conversation, d.upTo])
    )
  }
)
