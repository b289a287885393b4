/** What some commits have to know beside the rows that they change. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { GroupChange } from "../../domain/Entry.ts"
import { type ConversationId, system, type UserId } from "../../domain/Ids.ts"
import type { Append } from "./Append.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"
import { numbers, overRows, type Value } from "./SqlRows.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

interface SpanRow {
  readonly user_id: UserId
  readonly blocked: UserId
  readonly since: number
  readonly until: number | null
}

/** Of a row that is locked: whether the epoch that wrote last is still there. */
interface FoundRow extends ConversationRow {
  readonly known?: boolean
}

/** In Postgres locked for those who append, in order of id, so that none deadlock. Whoever moves a cursor waits for nobody. */
const conversations = (lock: string) => ({
  key: `conversations ${lock}`,
  types: ["text"] as const,
  template: (values: string) =>
    `SELECT c.id, c.kind, c.name, c.head_seq, c.first_seq, c.vacant, c.history, c.version, c.last_seq, c.last_at,
       c.head_epoch, c.head_offset
       ${lock === "" ? "" : ", EXISTS (SELECT 1 FROM epochs e WHERE e.epoch = c.head_epoch) AS known"}
     FROM (VALUES ${values}) AS v
     JOIN conversations c ON c.id = v.column1 ${lock === "" ? "" : `ORDER BY c.id ${lock} OF c`}`
})

const epochs = {
  key: "epochs",
  types: ["int8"] as const,
  template: (values: string) => `SELECT e.epoch FROM (VALUES ${values}) AS v JOIN epochs e ON e.epoch = v.column1`
}

/** Nobody can wait for what an epoch wrote that has been forgotten. */
const withKnownHeads = Effect.fnUntraced(function*(
  sql: Sql,
  rows: ReadonlyArray<FoundRow>
): Effect.fn.Return<ReadonlyArray<ConversationRow>, SqlError.SqlError> {
  const isDoubtful = ({ head_epoch, known }: FoundRow) => head_epoch !== null && known === false
  const doubtful = new Set(rows.filter(isDoubtful).map(({ head_epoch }) => head_epoch))
  // The row is as it is after the wait for its lock, and the epochs are as they were before it: asked again.
  const found = yield* overRows<{ readonly epoch: number }>(sql, epochs, Array.from(doubtful, (epoch) => [epoch]))
  const known = new Set(found.map((row) => numbers(row).epoch))
  return rows.map((row) =>
    isDoubtful(row) && !known.has(row.head_epoch!) ? { ...row, head_epoch: null, head_offset: null } : row
  )
})

/** Those that are appended to, and those in which only cursors move. */
export const conversationsOf = Effect.fnUntraced(function*(
  sql: Sql,
  appended: ReadonlySet<ConversationId>,
  moved: Iterable<ConversationId>
): Effect.fn.Return<ReadonlyArray<ConversationRow>, SqlError.SqlError> {
  const { forUpdate } = dialectOf(sql)
  const written = Array.from(appended).sort()
  const read = Array.from(new Set(moved)).filter((id) => !appended.has(id))
  const find = (ids: ReadonlyArray<ConversationId>, lock: string) =>
    Effect.map(overRows<FoundRow>(sql, conversations(lock), ids.map((id) => [id])), (rows) => rows.map(numbers))
  if (forUpdate === "") return yield* find([...written, ...read], "")
  return [...yield* withKnownHeads(sql, yield* find(written, forUpdate)), ...yield* find(read, "")]
})

interface RosterRow {
  readonly conversation: ConversationId
  readonly size: number
  readonly owners: number
}

/** The columns of an entry, as far as its id is still known when it is gone. */
const spentColumns = "e.conversation, e.seq, e.message_id, e.sender, e.client_id, e.kind, e.target, NULL AS body, " +
  "e.flag, NULL AS edited_at, e.original, e.at, NULL AS attachments, NULL AS mentions, NULL AS data"

/** What these senders have said under these ids. It may be gone, so it is no target. */
export const repeatedOf = (
  sql: Sql,
  named: ReadonlyArray<ReadonlyArray<string>>
): Effect.Effect<ReadonlyArray<EntryRow>, SqlError.SqlError> =>
  overRows<EntryRow>(sql, {
    key: "entries by client id",
    types: ["text", "text"],
    template: (values) =>
      `SELECT ${entryColumnsOfE} FROM (VALUES ${values}) AS v
       JOIN entries e ON e.sender = v.column1 AND e.client_id = v.column2
       UNION ALL
       SELECT ${spentColumns} FROM (VALUES ${values}) AS v
       JOIN spent_ids e ON e.sender = v.column1 AND e.client_id = v.column2`
  }, named)

export const entriesAt = (
  sql: Sql,
  places: ReadonlyArray<ReadonlyArray<Value>>
): Effect.Effect<ReadonlyArray<EntryRow>, SqlError.SqlError> =>
  overRows<EntryRow>(sql, {
    key: "entries by seq",
    types: ["text", "int8"],
    template: (values) =>
      `SELECT ${entryColumnsOfE} FROM (VALUES ${values}) AS v
       JOIN entries e ON e.conversation = v.column1 AND e.seq = v.column2`
  }, places)

/** Of these users in these conversations, those who are or were in. */
export const membersAt = (
  sql: Sql,
  pairs: ReadonlyArray<ReadonlyArray<Value>>
): Effect.Effect<ReadonlyArray<MemberRow>, SqlError.SqlError> =>
  overRows<MemberRow>(sql, {
    key: "members",
    types: ["text", "text"],
    template: (values) =>
      `SELECT m.conversation, m.user_id, m.role, m.joined_seq, m.left_seq, m.read_seq, m.shown_read_seq, m.delivered_seq
       FROM (VALUES ${values}) AS v
       JOIN members m ON m.user_id = v.column1 AND m.conversation = v.column2`
  }, pairs)

/** A rule asks how many are in. */
const counting: ReadonlySet<GroupChange["action"]> = new Set(["members_added", "joined", "role_set", "left"])

/** The groups of which a rule asks how many are in. */
export const countedIn = (
  changes: ReadonlyArray<Extract<Append, { readonly kind: "group" }>>
): ReadonlySet<ConversationId> =>
  new Set(
    changes.filter(({ change: { action }, sender }) => sender === system || counting.has(action))
      .map(({ conversation }) => conversation)
  )

/** How many are in each group, and how many of them own it. */
export const rostersOf = (
  sql: Sql,
  conversations: Iterable<ConversationId>
): Effect.Effect<ReadonlyArray<RosterRow>, SqlError.SqlError> =>
  overRows<RosterRow>(sql, {
    key: "rosters",
    types: ["text"],
    template: (values) =>
      `SELECT m.conversation, count(*) AS size, count(CASE WHEN m.role = 'owner' THEN 1 END) AS owners
       FROM (VALUES ${values}) AS v JOIN members m ON m.conversation = v.column1
       WHERE m.left_seq IS NULL GROUP BY m.conversation`
  }, Array.from(conversations, (conversation) => [conversation]))

/** The blocks of each first against each second. */
export const spansOf = (
  sql: Sql,
  pairs: Iterable<ReadonlyArray<string>>
): Effect.Effect<ReadonlyArray<SpanRow>, SqlError.SqlError> =>
  overRows<SpanRow>(sql, {
    key: "block spans",
    types: ["text", "text"],
    template: (values) =>
      `SELECT b.user_id, b.blocked, b.since, b.until FROM (VALUES ${values}) AS v
       JOIN block_spans b ON b.user_id = v.column1 AND b.blocked = v.column2`
  }, Array.from(pairs))

/** The latest word of each user about each emoji on each text: conversation, target, user, emoji. */
export const reactionsOf = (
  sql: Sql,
  marks: ReadonlyArray<ReadonlyArray<Value>>
): Effect.Effect<ReadonlyArray<EntryRow>, SqlError.SqlError> =>
  overRows<EntryRow>(sql, {
    key: "reactions",
    types: ["text", "int8", "text", "text"],
    template: (values) =>
      `SELECT ${entryColumnsOfE} FROM (VALUES ${values}) AS v
       JOIN entries e ON e.conversation = v.column1 AND e.seq = (SELECT max(r.seq) FROM entries r
         WHERE r.conversation = v.column1 AND r.target = v.column2 AND r.sender = v.column3
           AND r.body = v.column4 AND r.kind = 'reaction')`
  }, marks)
