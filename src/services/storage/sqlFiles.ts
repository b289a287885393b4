/** Whose a file is and what it is, in SQL. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, FileId, UserId } from "../../domain/Ids.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { type FileRecord, FileRecords, type FileState, maxFilesPerUser, type NewFile } from "./FileRecords.ts"
import { orStoreError } from "./sqlErrors.ts"
import { changeRoom, fileColumns, type FileRow, lockFiles, markRemoving, setUsed } from "./sqlFileRows.ts"
import { numbers, overRows } from "./SqlRows.ts"

type Service = FileRecords["Service"]
type Bounds = Parameters<Service["unneeded"]>[0]

const recordOf = (row: FileRow): FileRecord => {
  const { sha256, used, ...rest } = numbers(row)
  return { ...rest, ...(sha256 === null ? undefined : { sha256 }), used: used > 0 }
}

/** Of one owner at a time; one who has no room yet begins with this file. */
const takeRoom = (sql: Sql, { owner, size }: NewFile, maxBytes: number) => {
  const { value } = dialectOf(sql)
  const [theirs, bytes, most] = [value(1, "text"), value(2, "int8"), value(3, "int8")]
  return Effect.map(
    sql.unsafe(
      `INSERT INTO file_room (owner, files, bytes) SELECT ${theirs}, 1, ${bytes} WHERE ${most} = 0 OR ${bytes} <= ${most}
       ON CONFLICT (owner) DO UPDATE SET files = file_room.files + 1, bytes = file_room.bytes + excluded.bytes
         WHERE file_room.files < ${maxFilesPerUser} AND (${most} = 0 OR file_room.bytes + excluded.bytes <= ${most})
       RETURNING owner`,
      [owner, size, maxBytes]
    ),
    (rows) => rows.length > 0
  )
}

/** Named as in the condition of the indexes, so that they are used. */
const conditions: Record<FileState, string> = {
  uploading: "f.state = 'uploading' AND f.state <> 'ready'",
  held: "f.state = 'held' AND f.state <> 'ready'",
  ready: "f.state = 'ready'",
  removing: "f.state = 'removing' AND f.state <> 'ready'"
}

const list = (sql: Sql, { after = "" as FileId, limit, owner, state }: Parameters<Service["list"]>[0]) =>
  Effect.map(
    sql<FileRow>`SELECT ${sql.literal(fileColumns)} FROM files f WHERE ${
      sql.and([
        sql`f.file > ${after}`,
        ...(owner === undefined ? [] : [sql`f.owner = ${owner}`]),
        ...(state === undefined ? [] : [sql.literal(conditions[state])])
      ])
    } ORDER BY f.file LIMIT ${limit}`,
    (rows) => rows.map(recordOf)
  )

/** Whatever is being changed by somebody else at this moment is looked at the next time. */
const find = (sql: Sql, which: string, bounds: ReadonlyArray<number>) => {
  const { forUpdate } = dialectOf(sql)
  return Effect.map(
    sql.unsafe<FileRow>(
      `SELECT ${fileColumns} FROM files f WHERE ${which} ${forUpdate === "" ? "" : `${forUpdate} SKIP LOCKED`}`,
      bounds
    ),
    (rows) => rows.map(numbers)
  )
}

const withoutMessage = "f.used <> 1 AND f.state <> 'removing'"

/** Which of these some message names, as it is now that they are locked. */
const inUse = (sql: Sql, rows: ReadonlyArray<FileRow>) =>
  Effect.map(
    overRows<{ readonly file: FileId }>(sql, {
      key: "files in use",
      types: ["text"],
      template: (values) =>
        `SELECT v.column1 AS file FROM (VALUES ${values}) AS v
         WHERE EXISTS (SELECT 1 FROM file_uses u WHERE u.file = v.column1)`
    }, rows.map(({ file }) => [file])),
    (found) => new Set(found.map(({ file }) => file))
  )

const mark = Effect.fnUntraced(
  function*(sql: Sql, { limit, unusedBefore, uploadsBefore }: Bounds): Effect.fn.Return<void, SqlError.SqlError> {
    const { value } = dialectOf(sql)
    const [before, most] = [value(1, "int8"), value(2, "int8")]
    const uploads = yield* find(
      sql,
      `${conditions.uploading} AND f.at < ${before} ORDER BY f.file LIMIT ${most}`,
      [uploadsBefore, limit]
    )
    const unused = yield* find(
      sql,
      `f.used = 0 AND ${withoutMessage} AND f.state <> 'uploading' AND f.at < ${before} ORDER BY f.at LIMIT ${most}`,
      [unusedBefore, limit]
    )
    const left = yield* find(sql, `f.used = 2 AND ${withoutMessage} ORDER BY f.at LIMIT ${value(1, "int8")}`, [limit])
    const used = yield* inUse(sql, left)
    yield* setUsed(sql, Array.from(used), 1)
    yield* markRemoving(sql, [...uploads, ...unused, ...left.filter(({ file }) => !used.has(file))])
  }
)

export const make = (sql: Sql): Service =>
  FileRecords.of({
    begin: Effect.fn("FileRecords.begin")(
      function*(file, maxBytes) {
        if (!(yield* takeRoom(sql, file, maxBytes))) return false
        yield* sql`INSERT INTO files (file, owner, name, type, size, state, at)
        VALUES (${file.file}, ${file.owner}, ${file.name}, ${file.type}, ${file.size}, 'uploading', ${file.at})`
        return true
      },
      sql.withTransaction,
      orStoreError
    ),

    finish: Effect.fn("FileRecords.finish")(
      function*(file, { sha256, size, state }) {
        const [row] = yield* lockFiles(sql, [file])
        if (row?.state !== "uploading") return false
        yield* sql`UPDATE files SET size = ${size}, sha256 = ${sha256}, state = ${state} WHERE file = ${file}`
        if (size !== row.size) yield* changeRoom(sql, row.owner, 0, size - row.size)
        return true
      },
      sql.withTransaction,
      orStoreError
    ),

    release: (file) =>
      orStoreError(Effect.map(
        sql`UPDATE files SET state = 'ready' WHERE file = ${file} AND state = 'held' RETURNING file`,
        (rows) => rows.length > 0
      )),

    get: (file) =>
      orStoreError(Effect.map(
        sql<FileRow>`SELECT ${sql.literal(fileColumns)} FROM files f WHERE f.file = ${file}`,
        ([row]) => row === undefined ? undefined : recordOf(row)
      )),

    list: (options) => orStoreError(list(sql, options)),

    usage: (owner) =>
      orStoreError(Effect.map(
        sql<{ files: number; bytes: number }>`SELECT files, bytes FROM file_room WHERE owner = ${owner}`,
        ([row]) => ({ files: 0, bytes: 0, ...(row === undefined ? undefined : numbers(row)) })
      )),

    discard: Effect.fn("FileRecords.discard")(
      function*(file) {
        const rows = yield* lockFiles(sql, [file])
        yield* markRemoving(sql, rows)
        return rows.length > 0
      },
      sql.withTransaction,
      orStoreError
    ),

    unneeded: Effect.fn("FileRecords.unneeded")(function*(bounds) {
      yield* sql.withTransaction(mark(sql, bounds))
      const rows = yield* sql<{ file: FileId }>`SELECT f.file FROM files f
        WHERE ${sql.literal(conditions.removing)} ORDER BY f.file LIMIT ${bounds.limit}`
      return rows.map(({ file }) => file)
    }, orStoreError),

    forget: (files) =>
      orStoreError(Effect.asVoid(overRows(sql, {
        key: "forget files",
        types: ["text"],
        template: (values) => `DELETE FROM files WHERE state = 'removing' AND file IN (VALUES ${values})`
      }, files.toSorted().map((file) => [file])))),

    known: (files) =>
      orStoreError(Effect.map(
        overRows<{ file: FileId }>(sql, {
          key: "known files",
          types: ["text"],
          template: (values) => `SELECT f.file FROM (VALUES ${values}) AS v JOIN files f ON f.file = v.column1`
        }, files.map((file) => [file])),
        (rows) => rows.map(({ file }) => file)
      )),

    uses: (file, limit) =>
      orStoreError(Effect.map(
        sql<{ conversation: ConversationId; seq: number }>`SELECT conversation, seq FROM file_uses
          WHERE file = ${file} ORDER BY conversation, seq LIMIT ${limit}`,
        (rows) => rows.map((row) => ({ ...numbers(row) }))
      ))
  })

/** All files of a user who is erased, at most so many; answers with the last of them, if there may be more. */
export const removeFilesOf = Effect.fnUntraced(
  function*(sql: Sql, owner: UserId, after: FileId | undefined, limit: number) {
    const rows = yield* sql<{ file: FileId }>`SELECT file FROM files
      WHERE owner = ${owner} AND file > ${after ?? ""} ORDER BY file LIMIT ${limit}`
    yield* markRemoving(sql, yield* lockFiles(sql, rows.map(({ file }) => file)))
    return rows.length < limit ? undefined : rows.at(-1)?.file
  }
)
