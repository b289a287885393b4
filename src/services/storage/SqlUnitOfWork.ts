/** The rows that one commit touches: fetched in a few reads, changed in memory by the rules, written in a few writes. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { BlockSpan } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { aboutOf } from "../../domain/entries/index.ts"
import { type ClientId, type ConversationId, type DeviceId, system, type UserId } from "../../domain/Ids.ts"
import type { UnitOfWork } from "./commitRules.ts"
import type { Sql } from "./Dialect.ts"
import type { Append, CursorMove } from "./MessageStore.ts"
import { activeAt } from "./recent.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"
import { type AlsoRow, numbers, overRows } from "./SqlRows.ts"
import { conversationsOf, reactionsOf, rostersOf, spansOf } from "./sqlUnitOfWorkReads.ts"
import { type DeviceMove, entryColumnsOfE, writeRows } from "./sqlWrites.ts"

const key = (a: string, b: string | number): string => `${a}\0${b}`

const reactionKey = (conversation: ConversationId, target: number | null, user: UserId, emoji: string | null): string =>
  `${conversation}\0${target}\0${user}\0${emoji}`

/** The columns of an entry, as far as its id is still known when it is gone. */
const spentColumns = "e.conversation, e.seq, e.message_id, e.sender, e.client_id, e.kind, e.target, NULL AS body, " +
  "e.flag, NULL AS edited_at, e.original, e.at"

export class SqlUnitOfWork implements UnitOfWork {
  readonly #conversations = new Map<ConversationId, ConversationRow>()
  readonly #entries = new Map<string, EntryRow>()
  readonly #byClientId = new Map<string, EntryRow>()
  readonly #members = new Map<string, MemberRow>()
  /** How the lists of its members stand, by conversation. */
  readonly #listedAt = new Map<ConversationId, number>()
  readonly #dirtyConversations = new Set<ConversationId>()
  readonly #dirtyMembers = new Set<string>()
  readonly #movedMembers = new Set<string>()
  readonly #devices = new Map<string, DeviceMove>()
  readonly #added: Array<EntryRow> = []
  readonly #changed = new Map<string, EntryRow>()
  readonly #clearedEdits: Array<readonly [ConversationId, number]> = []
  readonly #rosters = new Map<ConversationId, { size: number; owners: number }>()
  readonly #reactions = new Map<string, EntryRow>()
  readonly #blocks = new Map<string, Array<BlockSpan>>()

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
    if (row.kind === "reaction") {
      this.#reactions.set(reactionKey(row.conversation, row.target, row.sender, row.body), row)
    }
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
    const roster = this.#rosters.get(row.conversation)
    if (roster !== undefined) {
      const before = this.#members.get(k)
      if (before?.left_seq === null) {
        roster.size--
        if (before.role === "owner") roster.owners--
      }
      if (row.left_seq === null) {
        roster.size++
        if (row.role === "owner") roster.owners++
      }
    }
    this.#members.set(k, row)
    this.#dirtyMembers.add(k)
  }

  moveCursors(row: MemberRow): void {
    const k = key(row.user_id, row.conversation)
    this.#members.set(k, row)
    this.#movedMembers.add(k)
  }

  roster(conversation: ConversationId): { readonly size: number; readonly owners: number } {
    return this.#rosters.get(conversation) ?? { size: 0, owners: 0 }
  }

  reaction(conversation: ConversationId, target: number, user: UserId, emoji: string): EntryRow | undefined {
    return this.#reactions.get(reactionKey(conversation, target, user, emoji))
  }

  blocks(user: UserId, other: UserId): ReadonlyArray<BlockSpan> {
    return this.#blocks.get(key(user, other)) ?? []
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

  /** Everything the rules may ask for. */
  readonly fetch = Effect.fnUntraced(
    { self: this },
    function*(
      sql: Sql,
      appends: ReadonlyArray<Append>,
      moves: ReadonlyArray<CursorMove>
    ): Effect.fn.Return<void, SqlError.SqlError> {
      const appended = new Set(appends.map(({ conversation }) => conversation))
      const conversations = yield* conversationsOf(sql, appended, moves.map(({ conversation }) => conversation))
      for (const row of conversations) {
        this.#conversations.set(row.id, row)
        this.#listedAt.set(row.id, activeAt(row))
      }
      yield* this.#fetchEntries(sql, appends)
      yield* this.#fetchMembers(sql, appends, moves)
      const changes = appends.filter((append) => append.kind === "group")
      if (changes.length > 0) yield* this.#fetchRosters(sql, changes)
      const targeted = appends.filter((append) => aboutOf(append) !== undefined)
      if (targeted.length > 0) yield* this.#fetchBlocks(sql, targeted, appends)
      const reactions = appends.filter((append) => append.kind === "reaction")
      if (reactions.length > 0) yield* this.#fetchReactions(sql, reactions)
    }
  )

  readonly #fetchEntries = Effect.fnUntraced({ self: this }, function*(sql: Sql, appends: ReadonlyArray<Append>) {
    const named = appends.flatMap(({ clientId, sender }) => clientId === undefined ? [] : [[sender, clientId]])
    const repeated = yield* overRows<EntryRow>(sql, {
      key: "entries by client id",
      types: ["text", "text"],
      template: (values) =>
        `SELECT ${entryColumnsOfE} FROM (VALUES ${values}) AS v
         JOIN entries e ON e.sender = v.column1 AND e.client_id = v.column2
         UNION ALL
         SELECT ${spentColumns} FROM (VALUES ${values}) AS v
         JOIN spent_ids e ON e.sender = v.column1 AND e.client_id = v.column2`
    }, named)
    // They may be gone, so they are no targets.
    for (const row of repeated) this.#byClientId.set(key(row.sender, row.client_id!), numbers(row))
    const targets = appends.flatMap((append) => {
      const target = aboutOf(append)
      return target === undefined ? [] : [[append.conversation, target]]
    })
    const found = yield* overRows<EntryRow>(sql, {
      key: "entries by seq",
      types: ["text", "int8"],
      template: (values) =>
        `SELECT ${entryColumnsOfE} FROM (VALUES ${values}) AS v
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
        if (Conversation.isGroup(conversation) || aboutOf(append) !== undefined) want(sender, conversation)
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

  /** Counted only where a rule asks: an owner must stay, and a group has so many members at most. */
  readonly #fetchRosters = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, changes: ReadonlyArray<Extract<Append, { readonly kind: "group" }>>) {
      const counted = new Set(
        changes.filter(({ change: { action }, sender }) =>
          sender === system || action === "members_added" || action === "role_set" || action === "left"
        ).map(({ conversation }) => conversation)
      )
      // Counted from here on: a group may begin in this batch.
      for (const conversation of counted) this.#rosters.set(conversation, { size: 0, owners: 0 })
      const rows = yield* rostersOf(sql, counted)
      for (const row of rows) {
        const { conversation, owners, size } = numbers(row)
        this.#rosters.set(conversation, { size, owners })
      }
    }
  )

  /** Of the senders against the authors of what they are about, who may be of the same batch. */
  readonly #fetchBlocks = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, targeted: ReadonlyArray<Append>, appends: ReadonlyArray<Append>) {
      const pairs = new Map<string, ReadonlyArray<string>>()
      const want = (user: UserId, other: UserId) => {
        if (user !== other) pairs.set(key(user, other), [user, other])
      }
      for (const append of targeted) {
        const { conversation, sender } = append
        const author = this.entry(conversation, aboutOf(append)!)?.sender
        if (author !== undefined) want(sender, author)
        else for (const other of appends) if (other.conversation === conversation) want(sender, other.sender)
      }
      const rows = yield* spansOf(sql, pairs.values())
      for (const row of rows) {
        const { blocked, since, until, user_id } = numbers(row)
        const k = key(user_id, blocked)
        const spans = this.#blocks.get(k) ?? []
        spans.push(until === null ? { blocked, since } : { blocked, since, until })
        this.#blocks.set(k, spans)
      }
    }
  )

  readonly #fetchReactions = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, reactions: ReadonlyArray<Extract<Append, { readonly kind: "reaction" }>>) {
      const rows = yield* reactionsOf(
        sql,
        reactions.map(({ conversation, emoji, sender, target }) => [conversation, target, sender, emoji])
      )
      for (const row of rows) {
        const found = numbers(row)
        this.#reactions.set(reactionKey(found.conversation, found.target, found.sender, found.body), found)
      }
    }
  )

  /** Writes all that the rules changed, and what is told of it. */
  flush(sql: Sql, told?: AlsoRow): Effect.Effect<void, SqlError.SqlError> {
    return writeRows(sql, {
      conversations: Array.from(this.#dirtyConversations, (id) => this.#conversations.get(id)!),
      conversationOf: ({ conversation }) => this.#conversations.get(conversation)!,
      listedAt: this.#listedAt,
      members: Array.from(this.#dirtyMembers, (k) => this.#members.get(k)!),
      // What is written whole has its cursors with it.
      moved: Array.from(this.#movedMembers).filter((k) => !this.#dirtyMembers.has(k)).map((k) => this.#members.get(k)!),
      added: this.#added,
      changed: this.#changed.values(),
      clearedEdits: this.#clearedEdits,
      devices: Array.from(this.#devices.values()),
      told
    })
  }
}
