/** The rows that one commit touches: fetched in a few reads, changed in memory by the rules, written in a few writes. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { ClientId, ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import type { Working } from "./commitRules.ts"
import type { Append, CursorMove } from "./MessageStore.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"
import { isPostgres, numbers, overRows, type Sql } from "./SqlRows.ts"

const key = (a: string, b: string | number): string => `${a}\0${b}`

const byKey = <T>(f: (t: T) => string) => (a: T, b: T) => f(a) < f(b) ? -1 : 1

const targetOf = (append: Append): number | undefined =>
  append.kind === "group" ? undefined : append.kind === "text" ? append.replyTo : append.target

const entryColumns =
  "conversation, seq, message_id, sender, client_id, kind, target, body, flag, edited_at, original, at"

/** The columns of an entry, as far as its id is still known when it is gone. */
const spentColumns = "e.conversation, e.seq, e.message_id, e.sender, e.client_id, e.kind, e.target, NULL AS body, " +
  "e.flag, NULL AS edited_at, e.original, e.at"

interface DeviceMove {
  readonly user: UserId
  readonly device: DeviceId
  readonly conversation: ConversationId
  readonly upTo: number
}

export class SqlWorking implements Working {
  readonly #conversations = new Map<ConversationId, ConversationRow>()
  readonly #entries = new Map<string, EntryRow>()
  readonly #byClientId = new Map<string, EntryRow>()
  readonly #members = new Map<string, MemberRow>()
  readonly #dirtyConversations = new Set<ConversationId>()
  readonly #dirtyMembers = new Set<string>()
  readonly #devices = new Map<string, DeviceMove>()
  readonly #added: Array<EntryRow> = []
  readonly #changed = new Map<string, EntryRow>()
  readonly #clearedEdits: Array<readonly [ConversationId, number]> = []

  conversation(id: ConversationId): ConversationRow | undefined {
    return this.#conversations.get(id)
  }

  putConversation(row: ConversationRow): void {
    this.#conversations.set(row.id, row)
    this.#dirtyConversations.add(row.id)
  }

  entry(conversation: ConversationId, seq: number): EntryRow | undefined {
    return this.#entries.get(key(conversation, seq))
  }

  entryOf(sender: UserId, clientId: ClientId): EntryRow | undefined {
    return this.#byClientId.get(key(sender, clientId))
  }

  addEntry(row: EntryRow): void {
    this.#remember(row)
    this.#added.push(row)
  }

  changeEntry(row: EntryRow): void {
    this.#remember(row)
    const k = key(row.conversation, row.seq)
    const added = this.#added.findIndex((other) => other.seq === row.seq && other.conversation === row.conversation)
    if (added >= 0) this.#added[added] = row
    else this.#changed.set(k, row)
  }

  clearEdits(conversation: ConversationId, target: number): void {
    this.#clearedEdits.push([conversation, target])
  }

  member(conversation: ConversationId, user: UserId): MemberRow | undefined {
    return this.#members.get(key(user, conversation))
  }

  putMember(row: MemberRow): void {
    const k = key(row.user_id, row.conversation)
    this.#members.set(k, row)
    this.#dirtyMembers.add(k)
  }

  moveDevice(user: UserId, device: DeviceId, conversation: ConversationId, upTo: number): void {
    const k = `${user}\0${device}\0${conversation}`
    if ((this.#devices.get(k)?.upTo ?? 0) < upTo) this.#devices.set(k, { user, device, conversation, upTo })
  }

  /** The devices that have confirmed something. */
  get confirming(): Iterable<{ readonly user: UserId; readonly device: DeviceId }> {
    return this.#devices.values()
  }

  #remember(row: EntryRow): void {
    this.#entries.set(key(row.conversation, row.seq), row)
    if (row.client_id !== null) this.#byClientId.set(key(row.sender, row.client_id), row)
  }

  /** Everything the rules may ask for. In Postgres the conversations are locked, in order of id, so none deadlock. */
  readonly fetch = Effect.fnUntraced(
    { self: this },
    function*(
      sql: Sql,
      appends: ReadonlyArray<Append>,
      moves: ReadonlyArray<CursorMove>
    ): Effect.fn.Return<void, SqlError.SqlError> {
      const ids = Array.from(new Set([...appends, ...moves].map((each) => each.conversation))).sort()
      const lock = isPostgres(sql) ? " ORDER BY c.id FOR UPDATE OF c" : ""
      const conversations = yield* overRows<ConversationRow>(sql, {
        key: "conversations",
        types: ["text"],
        template: (values) =>
          `SELECT c.id, c.kind, c.name, c.head_seq, c.first_seq, c.vacant, c.history FROM (VALUES ${values}) AS v
           JOIN conversations c ON c.id = v.column1${lock}`
      }, ids.map((id) => [id]))
      for (const row of conversations) this.#conversations.set(row.id, numbers(row))
      yield* this.#fetchEntries(sql, appends)
      yield* this.#fetchMembers(sql, appends, moves)
    }
  )

  readonly #fetchEntries = Effect.fnUntraced({ self: this }, function*(sql: Sql, appends: ReadonlyArray<Append>) {
    const named = appends.flatMap(({ clientId, sender }) => clientId === undefined ? [] : [[sender, clientId]])
    const columns = entryColumns.replaceAll(/\w+/g, (column) => `e.${column}`)
    const repeated = yield* overRows<EntryRow>(sql, {
      key: "entries by client id",
      types: ["text", "text"],
      template: (values) =>
        `SELECT ${columns} FROM (VALUES ${values}) AS v
         JOIN entries e ON e.sender = v.column1 AND e.client_id = v.column2
         UNION ALL
         SELECT ${spentColumns} FROM (VALUES ${values}) AS v
         JOIN spent_ids e ON e.sender = v.column1 AND e.client_id = v.column2`
    }, named)
    // They may be gone, so they are no targets.
    for (const row of repeated) this.#byClientId.set(key(row.sender, row.client_id!), numbers(row))
    const targets = appends.flatMap((append) => {
      const target = targetOf(append)
      return target === undefined ? [] : [[append.conversation, target]]
    })
    const found = yield* overRows<EntryRow>(sql, {
      key: "entries by seq",
      types: ["text", "int8"],
      template: (values) =>
        `SELECT ${columns} FROM (VALUES ${values}) AS v
         JOIN entries e ON e.conversation = v.column1 AND e.seq = v.column2`
    }, targets)
    for (const row of found) this.#remember(numbers(row))
  })

  readonly #fetchMembers = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, appends: ReadonlyArray<Append>, moves: ReadonlyArray<CursorMove>) {
      const wanted = new Map<string, ReadonlyArray<string>>()
      const want = (user: UserId, conversation: ConversationId) =>
        wanted.set(key(user, conversation), [user, conversation])
      for (const { conversation, user } of moves) want(user, conversation)
      for (const row of this.#conversations.values()) {
        const parsed = row.vacant === 1 ? Conversation.parse(row.id) : undefined
        if (parsed?.kind === "direct") { for (const user of parsed.users) want(user, row.id) }
      }
      for (const append of appends) {
        const { conversation, sender } = append
        if (Conversation.isGroup(conversation) || targetOf(append) !== undefined) want(sender, conversation)
        if (append.kind !== "group") continue
        const { change } = append
        if (change.action === "role_set") want(change.user, conversation)
        if (change.action === "members_removed" || change.action === "members_added") {
          for (const user of change.members) want(user, conversation)
        }
      }
      const rows = yield* overRows<MemberRow>(sql, {
        key: "members",
        types: ["text", "text"],
        template: (values) =>
          `SELECT m.conversation, m.user_id, m.role, m.joined_seq, m.left_seq, m.read_seq, m.delivered_seq
           FROM (VALUES ${values}) AS v
           JOIN members m ON m.user_id = v.column1 AND m.conversation = v.column2`
      }, Array.from(wanted.values()))
      for (const row of rows) this.#members.set(key(row.user_id, row.conversation), numbers(row))
    }
  )

  /** Writes all that the rules changed. */
  readonly flush = Effect.fnUntraced({ self: this }, function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
    const conversations = Array.from(this.#dirtyConversations, (id) => this.#conversations.get(id)!).sort(
      byKey((c) => c.id)
    )
    yield* overRows(sql, {
      key: "put conversations",
      types: ["text", "text", "text", "int8", "int8", "text"],
      template: (values) =>
        `INSERT INTO conversations (id, kind, name, head_seq, first_seq, history) VALUES ${values}
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, head_seq = excluded.head_seq, vacant = 0`
    }, conversations.map((c) => [c.id, c.kind, c.name, c.head_seq, c.first_seq, c.history]))
    const members = Array.from(this.#dirtyMembers, (k) => this.#members.get(k)!).sort(
      byKey((m) => key(m.user_id, m.conversation))
    )
    yield* overRows(sql, {
      key: "put members",
      types: ["text", "text", "text", "int8", "int8", "int8", "int8"],
      template: (values) =>
        `INSERT INTO members (user_id, conversation, role, joined_seq, left_seq, read_seq, delivered_seq)
         VALUES ${values}
         ON CONFLICT (user_id, conversation) DO UPDATE SET role = excluded.role, joined_seq = excluded.joined_seq,
           left_seq = excluded.left_seq, read_seq = excluded.read_seq, delivered_seq = excluded.delivered_seq`
    }, members.map((m) => [m.user_id, m.conversation, m.role, m.joined_seq, m.left_seq, m.read_seq, m.delivered_seq]))
    yield* overRows(
      sql,
      {
        key: "add entries",
        types: ["text", "int8", "text", "text", "text", "text", "int8", "text", "int8", "int8", "text", "int8"],
        template: (values) => `INSERT INTO entries (${entryColumns}) VALUES ${values}`
      },
      this.#added.map((e) => [
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
    for (const e of this.#changed.values()) {
      yield* sql`UPDATE entries SET body = ${e.body}, flag = ${e.flag}, edited_at = ${e.edited_at}, original = ${e.original}
        WHERE conversation = ${e.conversation} AND seq = ${e.seq}`
    }
    for (const [conversation, target] of this.#clearedEdits) {
      yield* sql`UPDATE entries SET body = NULL WHERE conversation = ${conversation} AND target = ${target} AND kind = 'edit'`
    }
    const devices = Array.from(this.#devices.entries()).sort(byKey(([k]) => k))
    yield* overRows(sql, {
      key: "move devices",
      types: ["text", "text", "text", "int8"],
      template: (values) =>
        `INSERT INTO devices (user_id, device, conversation, received_seq) VALUES ${values}
         ON CONFLICT (user_id, device, conversation) DO UPDATE SET received_seq =
           CASE WHEN excluded.received_seq > devices.received_seq THEN excluded.received_seq ELSE devices.received_seq END`
    }, devices.map(([, d]) => [d.user, d.device, d.conversation, d.upTo]))
  })
}
