/** The rows that one commit touches: fetched in a few reads, changed in memory by the rules, written in a few writes. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { BlockSpan } from "../../domain/blockSpans.ts"
import { aboutOf } from "../../domain/entries/index.ts"
import { type ClientId, type ConversationId, type DeviceId, type UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { Append, CursorMove } from "./MessageStore.ts"
import { activeAt } from "./recent.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"
import { SqlCommitFiles } from "./SqlCommitFiles.ts"
import { SqlCommitGroups } from "./SqlCommitGroups.ts"
import { SqlCommitMembers } from "./SqlCommitMembers.ts"
import { SqlCommitReaders } from "./SqlCommitReaders.ts"
import { type AlsoRow, numbers } from "./SqlRows.ts"
import { conversationsOf, entriesAt, reactionsOf, repeatedOf, spansOf } from "./sqlUnitOfWorkReads.ts"
import { type DeviceMove, writeRows } from "./sqlWrites.ts"
import type { UnitOfWork } from "./UnitOfWork.ts"

const key = (a: string, b: string | number): string => `${a}\0${b}`

const reactionKey = (conversation: ConversationId, target: number | null, user: UserId, emoji: string | null): string =>
  `${conversation}\0${target}\0${user}\0${emoji}`

export class SqlUnitOfWork implements UnitOfWork {
  readonly files = new SqlCommitFiles()
  readonly readers = new SqlCommitReaders()
  readonly groups = new SqlCommitGroups()
  readonly #conversations = new Map<ConversationId, ConversationRow>()
  readonly #entries = new Map<string, EntryRow>()
  readonly #byClientId = new Map<string, EntryRow>()
  readonly #members = new SqlCommitMembers()
  /** How the lists of its members stand, by conversation. */
  readonly #listedAt = new Map<ConversationId, number>()
  readonly #dirtyConversations = new Set<ConversationId>()
  readonly #devices = new Map<string, DeviceMove>()
  readonly #added: Array<EntryRow> = []
  readonly #changed = new Map<string, EntryRow>()
  readonly #clearedEdits: Array<readonly [ConversationId, number]> = []
  readonly #unmentioned: Array<readonly [ConversationId, number]> = []
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
    const before = this.entry(row.conversation, row.seq)
    if (row.mentions === null && before?.mentions != null) this.#unmentioned.push([row.conversation, row.seq])
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
    return this.#members.get(conversation, user)
  }

  putMember(row: MemberRow): void {
    this.#members.put(row)
  }

  moveCursors(row: MemberRow): void {
    this.#members.moveCursors(row)
  }

  roster(conversation: ConversationId): { readonly size: number; readonly owners: number } {
    return this.#members.roster(conversation)
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
      yield* this.readers.fetch(sql, moves)
      const changes = appends.filter((append) => append.kind === "group")
      if (changes.length > 0) yield* this.groups.fetch(sql, changes)
      yield* this.files.fetch(sql, appends, (conversation, seq) => this.entry(conversation, seq), this.groups.avatars)
      yield* this.#members.fetch(sql, appends, moves, this.#conversations.values())
      if (changes.length > 0) yield* this.#members.fetchRosters(sql, changes)
      const targeted = appends.filter((append) => aboutOf(append) !== undefined)
      if (targeted.length > 0) yield* this.#fetchBlocks(sql, targeted, appends)
      const reactions = appends.filter((append) => append.kind === "reaction")
      if (reactions.length > 0) yield* this.#fetchReactions(sql, reactions)
    }
  )

  readonly #fetchEntries = Effect.fnUntraced({ self: this }, function*(sql: Sql, appends: ReadonlyArray<Append>) {
    const named = appends.flatMap(({ clientId, sender }) => clientId === undefined ? [] : [[sender, clientId]])
    const repeated = yield* repeatedOf(sql, named)
    // They may be gone, so they are no targets.
    for (const row of repeated) this.#byClientId.set(key(row.sender, row.client_id!), numbers(row))
    const targets = appends.flatMap((append) => {
      const target = aboutOf(append)
      return target === undefined ? [] : [[append.conversation, target]]
    })
    const found = yield* entriesAt(sql, targets)
    for (const row of found) this.#remember(numbers(row))
  })

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
    const rows = writeRows(sql, {
      conversations: Array.from(this.#dirtyConversations, (id) => this.#conversations.get(id)!),
      conversationOf: ({ conversation }) => this.#conversations.get(conversation)!,
      listedAt: this.#listedAt,
      ...this.#members.changed,
      added: this.#added,
      changed: Array.from(this.#changed.values()),
      clearedEdits: this.#clearedEdits,
      unmentioned: this.#unmentioned,
      devices: Array.from(this.#devices.values()),
      told
    })
    return [this.groups, this.files, this.readers].reduce(
      (all, part) => part.touched ? Effect.andThen(all, part.flush(sql)) : all,
      rows
    )
  }
}
