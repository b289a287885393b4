/**
 * The memberships that a commit changes. Whoever appends has the conversation for themselves, and writes whole rows and
 * places in lists; cursors are moved by anybody at any time. So nobody sets a cursor back, nor writes anything but
 * cursors without having appended.
 */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import { activeAt } from "./recent.ts"
import type { ConversationRow, MemberRow } from "./Rows.ts"
import { byKey, overRows } from "./SqlRows.ts"

export interface MemberWrites {
  /** Written whole. */
  readonly members: ReadonlyArray<MemberRow>
  /** Those of which only the cursors have moved. */
  readonly moved: ReadonlyArray<MemberRow>
  /** The conversations that were appended to. */
  readonly conversations: ReadonlyArray<ConversationRow>
  readonly conversationOf: (member: MemberRow) => ConversationRow
  /** Where the conversations that were there stand in the lists of their members. */
  readonly listedAt: ReadonlyMap<ConversationId, number>
}

const later = (column: string, other: string): string =>
  `${column} = CASE WHEN ${other} > members.${column} THEN ${other} ELSE members.${column} END`

/** What others see of a place belongs to the move that came there. */
const cursors = (read: string, delivered: string, shown: string): string =>
  `shown_read_seq = CASE WHEN ${read} > members.read_seq THEN ${shown} ELSE members.shown_read_seq END,
   ${later("read_seq", read)}, ${later("delivered_seq", delivered)}`

const keyOf = (user: UserId, conversation: ConversationId): string => `${user}\0${conversation}`
const inOrder = byKey((row: MemberRow) => keyOf(row.user_id, row.conversation))

/** Values for rows of members, which are locked in the order of their key. */
const locked = (values: string, forUpdate: string): string =>
  `(SELECT v.* FROM (VALUES ${values}) AS v
    JOIN members m ON m.user_id = v.column1 AND m.conversation = v.column2
    ORDER BY m.user_id, m.conversation ${forUpdate} OF m)`

/** Two commits that write rows of each other's conversations would wait for each other in any other order. */
const lockInOrder = Effect.fnUntraced(
  function*(
    sql: Sql,
    { listedAt, members, moved }: MemberWrites,
    up: ReadonlyArray<ConversationRow>
  ): Effect.fn.Return<void, SqlError.SqlError> {
    const { forUpdate } = dialectOf(sql)
    const written = members.filter(({ conversation }) => listedAt.has(conversation))
    if (forUpdate === "" || written.length + up.length === 0) return
    const keys = new Map<string, readonly [UserId, ConversationId]>()
    const add = (user: UserId, conversation: ConversationId) =>
      keys.set(keyOf(user, conversation), [user, conversation])
    for (const { conversation, user_id } of [...written, ...moved]) add(user_id, conversation)
    for (const { id } of up) {
      const parsed = Conversation.parse(id)
      if (parsed?.kind === "direct") { for (const user of parsed.users) add(user, id) }
    }
    if (keys.size === 1) return
    yield* overRows(sql, {
      key: "lock members",
      types: ["text", "text"],
      template: (values) => `SELECT 1 FROM ${locked(values, forUpdate)} AS v`
    }, Array.from(keys).toSorted(byKey(([key]) => key)).map(([, row]) => row))
  }
)

const put = {
  key: "put members",
  types: ["text", "text", "text", "int8", "int8", "int8", "int8", "int8", "int8"] as const,
  template: (values: string) =>
    `INSERT INTO members
       (user_id, conversation, role, joined_seq, left_seq, read_seq, delivered_seq, shown_read_seq, active_at)
     VALUES ${values}
     ON CONFLICT (user_id, conversation) DO UPDATE SET role = excluded.role, joined_seq = excluded.joined_seq,
       left_seq = excluded.left_seq, ${
      cursors("excluded.read_seq", "excluded.delivered_seq", "excluded.shown_read_seq")
    }`
}

/** Where nobody else writes, all of them are there; SQLite does this in 1.9 µs a row, and an UPDATE over VALUES in 5. */
const moveAlone = (values: string): string =>
  `INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq, shown_read_seq) VALUES ${values}
   ON CONFLICT (user_id, conversation) DO UPDATE SET ${
    cursors("excluded.read_seq", "excluded.delivered_seq", "excluded.shown_read_seq")
  }`

const moveAmongOthers = (values: string, forUpdate: string): string =>
  `UPDATE members SET ${cursors("v.column5", "v.column6", "v.column7")} FROM ${locked(values, forUpdate)} AS v
   WHERE members.user_id = v.column1 AND members.conversation = v.column2 AND members.left_seq IS NULL`

const move = ({ embedded, forUpdate }: Dialect) => ({
  key: "move cursors",
  types: ["text", "text", "text", "int8", "int8", "int8", "int8"] as const,
  template: (values: string) => embedded ? moveAlone(values) : moveAmongOthers(values, forUpdate)
})

/** In the lists of their members; of those that are new the members are, too. */
const moveUp = {
  key: "move up",
  types: ["text", "int8"] as const,
  template: (values: string) =>
    `UPDATE members SET active_at = v.column2 FROM (VALUES ${values}) AS v WHERE members.conversation = v.column1`
}

export const writeMembers = Effect.fnUntraced(
  function*(sql: Sql, writes: MemberWrites): Effect.fn.Return<void, SqlError.SqlError> {
    const { conversationOf, conversations, listedAt, members, moved } = writes
    const up = conversations.filter((row) => (listedAt.get(row.id) ?? activeAt(row)) !== activeAt(row))
    yield* lockInOrder(sql, writes, up)
    yield* overRows(
      sql,
      put,
      members.toSorted(inOrder).map((m) => [
        m.user_id,
        m.conversation,
        m.role,
        m.joined_seq,
        m.left_seq,
        m.read_seq,
        m.delivered_seq,
        m.shown_read_seq,
        activeAt(conversationOf(m))
      ])
    )
    yield* overRows(sql, moveUp, up.toSorted(byKey((row) => row.id)).map((row) => [row.id, activeAt(row)]))
    yield* overRows(
      sql,
      move(dialectOf(sql)),
      moved.toSorted(inOrder).map((m) => [
        m.user_id,
        m.conversation,
        m.role,
        m.joined_seq,
        m.read_seq,
        m.delivered_seq,
        m.shown_read_seq
      ])
    )
  }
)
