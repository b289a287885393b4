/** What is stored about a user, in SQL. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import type { UserExport } from "./MessageStore.ts"
import { type ConversationRow, type EntryRow, type MemberRow, storedMembership, toEntry } from "./Rows.ts"
import { bans } from "./sqlBans.ts"
import { blocks } from "./sqlBlocks.ts"
import { preferencesOfUser } from "./sqlPreferences.ts"
import { profiles } from "./sqlProfiles.ts"
import { pushSubscriptionsOf } from "./sqlPushRecords.ts"
import { relations } from "./sqlRelations.ts"
import { madeReports } from "./sqlReports.ts"
import { numbers } from "./SqlRows.ts"
import { entryColumns } from "./sqlWrites.ts"

export const exportUser = Effect.fn("MessageStore.exportUser")(
  function*(sql: Sql, user: UserId): Effect.fn.Return<UserExport, SqlError.SqlError> {
    const memberships = yield* sql<MemberRow & Pick<ConversationRow, "kind" | "name">>`
      SELECT m.*, c.kind, c.name FROM members m JOIN conversations c ON c.id = m.conversation
      WHERE m.user_id = ${user} ORDER BY m.conversation`
    const devices = yield* sql<{ device: DeviceId; conversation: ConversationId; received: number }>`
      SELECT device, conversation, received_seq AS received FROM devices WHERE user_id = ${user}
      ORDER BY device, conversation`
    const [seen] = yield* relations(sql).lastSeen([user])
    const preferences = yield* preferencesOfUser(sql, user)
    const [privately] = yield* sql`SELECT 1 FROM private_readers WHERE user_id = ${user}`
    const readPrivately = privately !== undefined
    const pushSubscriptions = yield* pushSubscriptionsOf(sql, user)
    const reports = yield* madeReports(sql, user)
    const [profile] = yield* profiles(sql).profiles([user])
    return {
      user,
      ...(seen === undefined ? undefined : { lastSeen: seen.at }),
      ...(profile === undefined ? undefined : { profile }),
      bans: (yield* bans(sql).bans).filter(({ id, kind }) => kind === "user" && id === user),
      blocks: yield* blocks(sql).blocks(user),
      devices: devices.map(numbers).map(({ conversation, device, received }) => ({ device, conversation, received })),
      memberships: memberships.map(numbers).map((row) => storedMembership(row, row, preferences.get(row.conversation))),
      ...(readPrivately ? { readPrivately } : undefined),
      ...(pushSubscriptions.length === 0 ? undefined : { pushSubscriptions }),
      ...(reports.length === 0 ? undefined : { reports })
    }
  }
)

export const ownEntries = (
  sql: Sql,
  { after, conversation, limit, user }: {
    readonly user: UserId
    readonly conversation: ConversationId
    readonly after: number
    readonly limit: number
  }
): Effect.Effect<ReadonlyArray<Entry>, SqlError.SqlError> =>
  Effect.map(
    sql<EntryRow>`
      SELECT ${sql.literal(entryColumns)}
      FROM entries WHERE conversation = ${conversation} AND seq > ${after} AND sender = ${user} AND seq > COALESCE(
        (SELECT e.seq FROM erasures e WHERE e.user_id = ${user} AND e.conversation = ${conversation}), 0)
      ORDER BY seq LIMIT ${limit}`,
    (rows) => rows.map((row) => toEntry(numbers(row)))
  )
