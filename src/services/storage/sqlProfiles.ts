/** Profiles in SQL. */
import { Effect } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { numbers, overRows } from "./SqlRows.ts"
import type { StoredProfile } from "./UserData.ts"

interface ProfileRow {
  readonly user_id: UserId
  readonly name: string | null
  readonly avatar: string | null
  readonly updated_at: number
}

const read = {
  key: "profiles",
  types: ["text"] as const,
  template: (values: string) =>
    `SELECT p.user_id, p.name, p.avatar, p.updated_at
     FROM (VALUES ${values}) AS v JOIN profiles p ON p.user_id = v.column1`
}

const profileOf = ({ avatar, name, updated_at, user_id }: ProfileRow): StoredProfile => ({
  user: user_id,
  ...(name === null ? undefined : { name }),
  ...(avatar === null ? undefined : { avatar }),
  updatedAt: updated_at
})

export const profiles = (sql: Sql) => ({
  profiles: (users: ReadonlyArray<UserId>) =>
    Effect.map(
      overRows<ProfileRow>(sql, read, users.map((user) => [user])),
      (rows) => rows.map((row) => profileOf(numbers(row)))
    ),

  putProfile: ({ avatar, name, updatedAt, user }: StoredProfile) =>
    Effect.asVoid(
      sql`INSERT INTO profiles (user_id, name, avatar, updated_at)
        VALUES (${user}, ${name ?? null}, ${avatar ?? null}, ${updatedAt})
        ON CONFLICT (user_id) DO UPDATE
          SET name = excluded.name, avatar = excluded.avatar, updated_at = excluded.updated_at`
    )
})
