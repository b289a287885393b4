/**
 * Rows of files, as several at once are locked and changed. Whoever locks rows of files does it in the order of their names,
 * after the conversations and before the rooms of their owners, so that no two wait for each other.
 */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, FileId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import type { FileState } from "./FileRecords.ts"
import { byKey, numbers, overRows } from "./SqlRows.ts"

/** `used` is 2 where a message that named it has gone: it may have another, which is looked up when there is time. */
export type Used = 0 | 1 | 2

export interface FileRow {
  readonly file: FileId
  readonly owner: UserId
  readonly name: string
  readonly type: string
  readonly size: number
  readonly sha256: string | null
  readonly state: FileState
  readonly at: number
  readonly used: Used
}

export const fileColumns = "f.file, f.owner, f.name, f.type, f.size, f.sha256, f.state, f.at, f.used"

/** As they are once nobody else changes them; where there is none, there is no row. */
export const lockFiles = (
  sql: Sql,
  files: Iterable<FileId>
): Effect.Effect<ReadonlyArray<FileRow>, SqlError.SqlError> => {
  const { forUpdate } = dialectOf(sql)
  return Effect.map(
    overRows<FileRow>(sql, {
      key: "lock files",
      types: ["text"],
      template: (values) =>
        `SELECT ${fileColumns} FROM (VALUES ${values}) AS v
         JOIN files f ON f.file = v.column1 ${forUpdate === "" ? "" : `ORDER BY f.file ${forUpdate} OF f`}`
    }, Array.from(new Set(files)).toSorted().map((file) => [file])),
    (rows) => rows.map(numbers)
  )
}

/** Rows that are locked. */
export const setUsed = (sql: Sql, files: ReadonlyArray<FileId>, used: Used) =>
  overRows(sql, {
    key: `files used ${used}`,
    types: ["text"],
    template: (values) => `UPDATE files SET used = ${used} WHERE file IN (VALUES ${values})`
  }, files.map((file) => [file]))

/** Of an owner whose files are locked. */
export const changeRoom = (sql: Sql, owner: UserId, files: number, bytes: number) =>
  sql`UPDATE file_room SET files = files + ${files}, bytes = bytes + ${bytes} WHERE owner = ${owner}`

/** From now on nobody can name them, and their owners have their room again. They are locked. */
export const markRemoving = Effect.fnUntraced(
  function*(sql: Sql, rows: ReadonlyArray<FileRow>): Effect.fn.Return<void, SqlError.SqlError> {
    const gone = rows.filter(({ state }) => state !== "removing")
    yield* overRows(sql, {
      key: "remove files",
      types: ["text"],
      template: (values) => `UPDATE files SET state = 'removing' WHERE file IN (VALUES ${values})`
    }, gone.map(({ file }) => [file]))
    const owners = Array.from(Map.groupBy(gone, ({ owner }) => owner)).toSorted(byKey(([owner]) => owner))
    for (const [owner, theirs] of owners) {
      yield* changeRoom(sql, owner, -theirs.length, -theirs.reduce((sum, { size }) => sum + size, 0))
    }
  }
)

/** The entries from one place of a log to another go, or all that one user said there: they name no files any more. */
export const dropFilesOf = Effect.fnUntraced(function*(
  sql: Sql,
  conversation: ConversationId,
  from: number,
  to: number,
  sender?: UserId
): Effect.fn.Return<void, SqlError.SqlError> {
  const uses = yield* sql<{ file: FileId }>`DELETE FROM file_uses
    WHERE conversation = ${conversation} AND seq >= ${from} AND seq <= ${to}
      ${
    sender === undefined ? sql.literal("") : sql`AND seq IN (SELECT e.seq FROM entries e
        WHERE e.conversation = ${conversation} AND e.seq >= ${from} AND e.seq <= ${to} AND e.sender = ${sender})`
  } RETURNING file`
  const rows = yield* lockFiles(sql, uses.map(({ file }) => file))
  yield* setUsed(sql, rows.map(({ file }) => file), 2)
})
