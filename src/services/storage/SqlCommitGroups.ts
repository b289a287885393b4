/** What commits read and change of groups beside their members, in SQL. Their conversations are locked by then. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, FileId, Invite, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import type { BanRow, CommitGroups, DetailsRow, InviteRow } from "./groupCommit.ts"
import type { Append } from "./MessageStore.ts"
import { byKey, numbers, overRows } from "./SqlRows.ts"

type Changing = Extract<Append, { readonly kind: "group" }>

const keyOf = (conversation: ConversationId, user: UserId): string => `${conversation}\0${user}`

/** Whose bans a change asks for. */
const askedIn = ({ change, sender }: Changing): ReadonlyArray<UserId> => {
  switch (change.action) {
    case "members_added":
    case "members_banned":
    case "members_unbanned":
      return change.members
    case "joined":
      return [sender]
    default:
      return []
  }
}

export class SqlCommitGroups implements CommitGroups {
  readonly #details = new Map<ConversationId, DetailsRow>()
  readonly #changedDetails = new Set<ConversationId>()
  /** `undefined` where one is lifted. */
  readonly #bans = new Map<string, BanRow | undefined>()
  readonly #changedBans = new Map<string, readonly [ConversationId, UserId]>()
  readonly #counts = new Map<ConversationId, number>()
  readonly #invites = new Map<Invite, InviteRow>()
  readonly #spent: Array<Invite> = []

  details(conversation: ConversationId): DetailsRow | undefined {
    return this.#details.get(conversation)
  }

  putDetails(row: DetailsRow): void {
    this.#details.set(row.conversation, row)
    this.#changedDetails.add(row.conversation)
  }

  isBanned(conversation: ConversationId, user: UserId): boolean {
    return this.#bans.get(keyOf(conversation, user)) !== undefined
  }

  bans(conversation: ConversationId): number {
    return this.#counts.get(conversation) ?? 0
  }

  ban(row: BanRow): void {
    this.#putBan(row.conversation, row.user_id, row)
  }

  unban(conversation: ConversationId, user: UserId): void {
    this.#putBan(conversation, user, undefined)
  }

  #putBan(conversation: ConversationId, user: UserId, row: BanRow | undefined): void {
    const more = Number(row !== undefined) - Number(this.isBanned(conversation, user))
    this.#counts.set(conversation, this.bans(conversation) + more)
    const key = keyOf(conversation, user)
    this.#bans.set(key, row)
    this.#changedBans.set(key, [conversation, user])
  }

  invite(invite: Invite): InviteRow | undefined {
    return this.#invites.get(invite)
  }

  spend(invite: Invite): void {
    const row = this.#invites.get(invite)
    if (row === undefined || row.uses_left === null) return
    this.#invites.set(invite, { ...row, uses_left: row.uses_left - 1 })
    this.#spent.push(invite)
  }

  /** The pictures that groups have now which are about to get another. */
  get avatars(): ReadonlyArray<FileId> {
    return Array.from(this.#details.values()).flatMap(({ avatar }) => avatar === null ? [] : [avatar])
  }

  readonly fetch = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql, changes: ReadonlyArray<Changing>): Effect.fn.Return<void, SqlError.SqlError> {
      const of = (action: Changing["change"]["action"]) =>
        Array.from(
          new Set(changes.filter(({ change }) => change.action === action).map(({ conversation }) => conversation)),
          (conversation) => [conversation]
        )
      const details = yield* overRows<DetailsRow>(sql, {
        key: "group details",
        types: ["text"],
        template: (values) =>
          `SELECT d.conversation, d.description, d.avatar FROM (VALUES ${values}) AS v
           JOIN group_details d ON d.conversation = v.column1`
      }, of("described"))
      for (const row of details) this.#details.set(row.conversation, row)
      const asked = new Map(
        changes.flatMap((append) =>
          askedIn(append).map((user) => [keyOf(append.conversation, user), [append.conversation, user]] as const)
        )
      )
      const bans = yield* overRows<BanRow>(sql, {
        key: "group bans",
        types: ["text", "text"],
        template: (values) =>
          `SELECT b.conversation, b.user_id, b.reason, b.at FROM (VALUES ${values}) AS v
           JOIN group_bans b ON b.conversation = v.column1 AND b.user_id = v.column2`
      }, Array.from(asked.values()))
      for (const row of bans) this.#bans.set(keyOf(row.conversation, row.user_id), numbers(row))
      const counts = yield* overRows<{ conversation: ConversationId; count: number }>(sql, {
        key: "count group bans",
        types: ["text"],
        template: (values) =>
          `SELECT b.conversation, count(*) AS count FROM (VALUES ${values}) AS v
           JOIN group_bans b ON b.conversation = v.column1 GROUP BY b.conversation`
      }, of("members_banned"))
      for (const row of counts) this.#counts.set(row.conversation, numbers(row).count)
      yield* this.#fetchInvites(sql, changes)
    }
  )

  /** Locked, because whoever revokes one locks nothing else. */
  readonly #fetchInvites = Effect.fnUntraced({ self: this }, function*(sql: Sql, changes: ReadonlyArray<Changing>) {
    const { forUpdate } = dialectOf(sql)
    const wanted = new Set(changes.flatMap(({ invite }) => invite === undefined ? [] : [invite]))
    const invites = yield* overRows<InviteRow>(sql, {
      key: "invites",
      types: ["text"],
      template: (values) =>
        `SELECT i.invite, i.conversation, i.created_at, i.expires_at, i.uses_left FROM (VALUES ${values}) AS v
         JOIN group_invites i ON i.invite = v.column1 ${forUpdate === "" ? "" : `ORDER BY i.invite ${forUpdate} OF i`}`
    }, Array.from(wanted).toSorted().map((invite) => [invite]))
    for (const row of invites) this.#invites.set(row.invite, numbers(row))
  })

  get touched(): boolean {
    return this.#changedDetails.size + this.#changedBans.size + this.#spent.length > 0
  }

  readonly flush = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
      const details = Array.from(this.#changedDetails, (id) => this.#details.get(id)!)
      yield* overRows(sql, {
        key: "put group details",
        types: ["text", "text", "text"],
        template: (values) =>
          `INSERT INTO group_details (conversation, description, avatar) VALUES ${values}
           ON CONFLICT (conversation) DO UPDATE SET description = excluded.description, avatar = excluded.avatar`
      }, details.toSorted(byKey((d) => d.conversation)).map((d) => [d.conversation, d.description, d.avatar]))
      const changed = Array.from(this.#changedBans).toSorted(byKey(([key]) => key))
      yield* overRows(
        sql,
        {
          key: "put group bans",
          types: ["text", "text", "text", "int8"],
          template: (values) =>
            `INSERT INTO group_bans (conversation, user_id, reason, at) VALUES ${values}
           ON CONFLICT (conversation, user_id) DO UPDATE SET reason = excluded.reason, at = excluded.at`
        },
        changed.flatMap(([key]) => {
          const row = this.#bans.get(key)
          return row === undefined ? [] : [[row.conversation, row.user_id, row.reason, row.at]]
        })
      )
      yield* overRows(sql, {
        key: "remove group bans",
        types: ["text", "text"],
        template: (values) => `DELETE FROM group_bans WHERE (conversation, user_id) IN (VALUES ${values})`
      }, changed.flatMap(([key, ban]) => this.#bans.get(key) === undefined ? [ban] : []))
      for (const invite of this.#spent) {
        yield* sql`UPDATE group_invites SET uses_left = uses_left - 1 WHERE invite = ${invite}`
      }
    }
  )
}
