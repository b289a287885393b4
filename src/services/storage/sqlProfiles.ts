/** Profiles in SQL. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { FileId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { pictureSeq, pictureTypes, profileHolder } from "./pictures.ts"
import { fileIn, patchProfile, type ProfileChange, type ProfilePatch, withPicture } from "./profileRules.ts"
import { type FileRow, lockFiles, setUsed } from "./sqlFileRows.ts"
import { addWords, removeWords } from "./sqlProfileWords.ts"
import { numbers, overRows } from "./SqlRows.ts"
import type { ProfileSource, StoredProfile } from "./UserData.ts"

interface ProfileRow {
  readonly user_id: UserId
  readonly name: string | null
  readonly avatar: FileId | string | null
  readonly status: string | null
  readonly source: ProfileSource
  readonly updated_at: number
  readonly picture: string | null
}

const types = Array.from(pictureTypes, (type) => `'${type}'`).join()

const read = {
  key: "profiles",
  types: ["text"] as const,
  template: (values: string) =>
    `SELECT p.user_id, p.name, p.avatar, p.status, p.source, p.updated_at, f.name AS picture
     FROM (VALUES ${values}) AS v JOIN profiles p ON p.user_id = v.column1
     LEFT JOIN files f ON f.file = p.avatar AND f.state = 'ready' AND f.type IN (${types})`
}

const profileOf = ({ avatar, name, picture, source, status, updated_at, user_id }: ProfileRow): StoredProfile => ({
  user: user_id,
  ...(name === null ? undefined : { name }),
  ...(avatar === null ? undefined : { avatar }),
  ...(status === null ? undefined : { status }),
  source,
  ...(avatar === null || picture === null ? undefined : { picture: { file: avatar as FileId, name: picture } }),
  updatedAt: updated_at
})

/** One change of a profile at a time, and none beside its erasure. In a transaction. */
export const lockProfile = (sql: Sql, user: UserId) => dialectOf(sql).alone(sql, `profile ${user}`)

/** The user's picture, if it is a file, is shown by nobody else's profile: it is needed from now on, or not any more. */
const showPicture = Effect.fnUntraced(function*(
  sql: Sql,
  user: UserId,
  before: FileId | undefined,
  after: FileId | undefined
): Effect.fn.Return<void, SqlError.SqlError> {
  if (before === after) return
  const holder = profileHolder(user)
  yield* sql`DELETE FROM file_uses WHERE conversation = ${holder} AND seq = ${pictureSeq}`
  if (before !== undefined) yield* setUsed(sql, [before], 2)
  if (after === undefined) return
  yield* sql`INSERT INTO file_uses (file, conversation, seq) VALUES (${after}, ${holder}, ${pictureSeq})`
  yield* setUsed(sql, [after], 1)
})

const write = ({ avatar, name, source, status, updatedAt, user }: StoredProfile, sql: Sql) =>
  sql`INSERT INTO profiles (user_id, name, avatar, status, source, updated_at)
    VALUES (${user}, ${name ?? null}, ${avatar ?? null}, ${status ?? null}, ${source ?? "admin"}, ${updatedAt})
    ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, avatar = excluded.avatar, status = excluded.status,
      source = excluded.source, updated_at = excluded.updated_at`

export const profiles = (sql: Sql) => {
  const find = (users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<StoredProfile>, SqlError.SqlError> =>
    Effect.map(
      overRows<ProfileRow>(sql, read, users.map((user) => [user])),
      (rows) => rows.map((row) => profileOf(numbers(row)))
    )

  /** The profile and the files that it shows and is to show, as they are once nobody else changes them. */
  const locked = Effect.fnUntraced(function*(user: UserId, avatar: string | undefined) {
    yield* lockProfile(sql, user)
    const [before] = yield* find([user])
    const uses = yield* sql<{ readonly file: FileId }>`SELECT file FROM file_uses
      WHERE conversation = ${profileHolder(user)} AND seq = ${pictureSeq}`
    const names = [...uses.map(({ file }) => file), ...[before?.avatar, avatar].flatMap((name) => name ?? [])]
    // What names no file has no row.
    const rows = yield* lockFiles(sql, names as ReadonlyArray<string> as ReadonlyArray<FileId>)
    const files = new Map<string, FileRow>(rows.map((row) => [row.file, row]))
    return { before, files, shown: uses[0]?.file }
  })

  const put = Effect.fnUntraced(function*(
    next: StoredProfile,
    before: StoredProfile | undefined,
    shown: FileId | undefined
  ): Effect.fn.Return<void, SqlError.SqlError> {
    yield* write(next, sql)
    yield* showPicture(sql, next.user, shown, fileIn(next))
    if (before !== undefined && before.name === next.name) return
    yield* removeWords(sql, next.user)
    yield* addWords(sql, [next])
  })

  return {
    profiles: find,

    putProfile: (profile: Omit<StoredProfile, "picture">) =>
      sql.withTransaction(Effect.gen(function*() {
        const { before, files, shown } = yield* locked(profile.user, profile.avatar)
        yield* put(withPicture(profile, (name) => files.get(name)), before, shown)
      })),

    patchProfile: (patch: ProfilePatch): Effect.Effect<ProfileChange, SqlError.SqlError> =>
      sql.withTransaction(Effect.gen(function*() {
        const { before, files, shown } = yield* locked(patch.user, patch.avatar)
        const change = patchProfile(before, patch, (name) => files.get(name))
        if (change._tag === "Set" && change.changed) yield* put(change.profile, before, shown)
        return change
      }))
  }
}
