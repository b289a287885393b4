/** The files that one commit names or lets go: locked in a read, and written in a few statements. Without any, in none. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ConversationId, FileId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { askedFiles, type CommitFiles, filesIn } from "./fileRules.ts"
import type { Append } from "./MessageStore.ts"
import type { EntryRow } from "./Rows.ts"
import { type FileRow, lockFiles, setUsed, type Used } from "./sqlFileRows.ts"
import { overRows } from "./SqlRows.ts"

type Use = readonly [file: FileId, conversation: ConversationId, seq: number]

const types = ["text", "text", "int8"] as const

const keyOf = (use: Use): string => use.join("\0")

export class SqlCommitFiles implements CommitFiles {
  readonly #rows = new Map<FileId, FileRow>()
  readonly #used = new Map<FileId, Used>()
  readonly #uses = new Map<string, Use>()
  readonly #drops = new Map<string, Use>()

  get(file: FileId): FileRow | undefined {
    return this.#rows.get(file)
  }

  use(...use: Use): void {
    if (!this.#drops.delete(keyOf(use))) this.#uses.set(keyOf(use), use)
    if (this.#used.get(use[0]) !== 2) this.#used.set(use[0], 1)
  }

  drop(...use: Use): void {
    if (!this.#uses.delete(keyOf(use))) this.#drops.set(keyOf(use), use)
    this.#used.set(use[0], 2)
  }

  get touched(): boolean {
    return this.#used.size > 0
  }

  /** Those that new texts name, and those of the texts that are about to go. After the conversations are locked. */
  readonly fetch = Effect.fnUntraced(
    { self: this },
    function*(
      sql: Sql,
      appends: ReadonlyArray<Append>,
      entry: (conversation: ConversationId, seq: number) => EntryRow | undefined,
      avatars: ReadonlyArray<FileId>
    ): Effect.fn.Return<void, SqlError.SqlError> {
      const wanted = new Set<FileId>(avatars)
      for (const append of appends) {
        if (append.kind === "text" && append.attachments !== undefined) {
          for (const { file } of askedFiles(append)) wanted.add(file)
        } else if (append.kind === "delete") {
          const target = entry(append.conversation, append.target)
          for (const file of filesIn(target?.attachments ?? null)) wanted.add(file)
        } else if (append.kind === "group" && append.change.action === "described") {
          // An empty one is no file.
          if (append.change.avatar !== undefined) wanted.add(append.change.avatar as FileId)
        }
      }
      if (wanted.size === 0) return
      for (const row of yield* lockFiles(sql, wanted)) this.#rows.set(row.file, row)
    }
  )

  readonly flush = Effect.fnUntraced(
    { self: this },
    function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
      const changed = (used: Used) =>
        Array.from(this.#used).flatMap(([file, next]) =>
          next === used && this.#rows.has(file) && this.#rows.get(file)?.used !== used ? [file] : []
        )
      for (const used of [1, 2] as const) yield* setUsed(sql, changed(used), used)
      yield* overRows(sql, {
        key: "use files",
        types,
        template: (values) => `INSERT INTO file_uses (file, conversation, seq) VALUES ${values} ON CONFLICT DO NOTHING`
      }, Array.from(this.#uses.values()))
      yield* overRows(sql, {
        key: "drop files",
        types,
        template: (values) => `DELETE FROM file_uses WHERE (file, conversation, seq) IN (VALUES ${values})`
      }, Array.from(this.#drops.values()))
    }
  )
}
