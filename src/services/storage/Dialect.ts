/** Where the databases differ that a store may be kept in. */
import { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"

export type Sql = SqlClient.SqlClient

export interface Dialect {
  /** It works in the server's own thread: reads of much are in short steps, and many small statements are the fastest. */
  readonly embedded: boolean
  /** The types of numbers and of names, which are in the order of their bytes, so that pages are the same everywhere. */
  readonly int: string
  readonly name: string
  /** Of a table whose rows lie in the order of its key, where that is not so by itself. */
  readonly ordered: string
  readonly onPostgres: (...statements: ReadonlyArray<string>) => ReadonlyArray<string>
  /** A value by its place, so that a statement may name it twice; with its type where that cannot be inferred. */
  readonly value: (place: number, type?: "text" | "int8") => string
  /**
   * Of rows that are read and written back in one transaction. Their keys stay, so that rows that refer to them can be
   * added meanwhile: a device's first cursor in a conversation.
   */
  readonly forUpdate: string
  /** One transaction at a time, whichever server makes it, for what has this name. */
  readonly alone: (sql: Sql, name: string) => Effect.Effect<unknown, SqlError.SqlError>
  /** The same, for what is written to this table. */
  readonly aloneIn: (sql: Sql, table: string) => Effect.Effect<unknown, SqlError.SqlError>
  /** Where the newest entries are found without a look at all of them. */
  readonly newestEntries: string
  /** Looked at in one step: memberships of a device that is behind, entries that are counted. */
  readonly step: { readonly behind: number; readonly counted: number }
}

const postgres: Dialect = {
  embedded: false,
  int: "int8",
  name: "text COLLATE \"C\"",
  ordered: "",
  onPostgres: (...statements) => statements,
  value: (place, type) => type === undefined ? `$${place}` : `$${place}::${type}`,
  forUpdate: "FOR NO KEY UPDATE",
  alone: (sql, name) => sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`,
  aloneIn: (sql, table) => sql`LOCK TABLE ${sql(table)} IN EXCLUSIVE MODE`,
  newestEntries: "entries",
  step: { behind: 8_192, counted: 10_000 }
}

export const sqlite: Dialect = {
  embedded: true,
  int: "integer",
  name: "text",
  ordered: " WITHOUT ROWID",
  onPostgres: () => [],
  value: (place) => `?${place}`,
  forUpdate: "",
  // There is one writer at a time.
  alone: () => Effect.void,
  aloneIn: () => Effect.void,
  // They lie in the order in which they came, and an old version that was set back is the one way in which the newest
  // time is not near the end.
  newestEntries: "(SELECT at FROM entries ORDER BY rowid DESC LIMIT 1000)",
  step: { behind: 1_024, counted: 2_000 }
}

export const dialectOf = (sql: Sql): Dialect => sql.onDialectOrElse({ pg: () => postgres, orElse: () => sqlite })
