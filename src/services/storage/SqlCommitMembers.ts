/** The members that one commit touches: where they stand, and how many a group has. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import { aboutOf } from "../../domain/entries/index.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { mentionsOf } from "./mentionRules.ts"
import type { Append, CursorMove } from "./MessageStore.ts"
import type { ConversationRow, MemberRow } from "./Rows.ts"
import { numbers } from "./SqlRows.ts"
import { countedIn, membersAt, rostersOf } from "./sqlUnitOfWorkReads.ts"

const key = (user: UserId, conversation: ConversationId): string => `${user}\0${conversation}`

type Names = readonly [user: UserId, conversation: ConversationId]

/** Whoever the rules may ask for. */
const namedBy = (append: Append): ReadonlyArray<UserId> => {
  const { conversation, sender } = append
  if (!Conversation.isGroup(conversation)) return aboutOf(append) === undefined ? [] : [sender]
  // Everybody is nobody's name, so there is no such member.
  const named = [sender, ...mentionsOf(append) as ReadonlyArray<UserId>]
  if (append.kind !== "group") return named
  const { change } = append
  switch (change.action) {
    case "role_set":
      return [...named, change.user]
    case "members_added":
    case "members_removed":
    case "members_banned":
      return [...named, ...change.members]
  }
  return named
}

export class SqlCommitMembers {
  readonly #members = new Map<string, MemberRow>()
  readonly #dirty = new Set<string>()
  readonly #moved = new Set<string>()
  readonly #rosters = new Map<ConversationId, { size: number; owners: number }>()

  get(conversation: ConversationId, user: UserId): MemberRow | undefined {
    return this.#members.get(key(user, conversation))
  }

  put(row: MemberRow): void {
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
    this.#dirty.add(k)
  }

  moveCursors(row: MemberRow): void {
    const k = key(row.user_id, row.conversation)
    this.#members.set(k, row)
    this.#moved.add(k)
  }

  roster(conversation: ConversationId): { readonly size: number; readonly owners: number } {
    return this.#rosters.get(conversation) ?? { size: 0, owners: 0 }
  }

  readonly fetch = Effect.fnUntraced(
    { self: this },
    function*(
      sql: Sql,
      appends: ReadonlyArray<Append>,
      moves: ReadonlyArray<CursorMove>,
      conversations: Iterable<ConversationRow>
    ): Effect.fn.Return<void, SqlError.SqlError> {
      const wanted = new Map<string, Names>()
      const want = (user: UserId, conversation: ConversationId) =>
        wanted.set(key(user, conversation), [user, conversation])
      for (const { conversation, user } of moves) want(user, conversation)
      for (const row of conversations) {
        const parsed = row.vacant === 1 ? Conversation.parse(row.id) : undefined
        if (parsed?.kind === "direct") { for (const user of parsed.users) want(user, row.id) }
      }
      for (const append of appends) for (const user of namedBy(append)) want(user, append.conversation)
      const rows = yield* membersAt(sql, Array.from(wanted.values()))
      for (const row of rows) this.#members.set(key(row.user_id, row.conversation), numbers(row))
    }
  )

  /** Counted only where a rule asks: an owner must stay, and a group has so many members at most. */
  readonly fetchRosters = Effect.fnUntraced(
    { self: this },
    function*(
      sql: Sql,
      changes: ReadonlyArray<Extract<Append, { readonly kind: "group" }>>
    ): Effect.fn.Return<void, SqlError.SqlError> {
      const counted = countedIn(changes)
      // Counted from here on: a group may begin in this batch.
      for (const conversation of counted) this.#rosters.set(conversation, { size: 0, owners: 0 })
      const rows = yield* rostersOf(sql, counted)
      for (const row of rows) {
        const { conversation, owners, size } = numbers(row)
        this.#rosters.set(conversation, { size, owners })
      }
    }
  )

  /** Those to be written whole, which has their cursors with it, and those of whom only the cursors were moved. */
  get changed(): { readonly members: ReadonlyArray<MemberRow>; readonly moved: ReadonlyArray<MemberRow> } {
    const rows = (keys: Iterable<string>) => Array.from(keys, (k) => this.#members.get(k)!)
    return { members: rows(this.#dirty), moved: rows(Array.from(this.#moved).filter((k) => !this.#dirty.has(k))) }
  }
}
