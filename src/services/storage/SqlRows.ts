/** Many rows in few statements of few different texts, so that every statement is prepared once and then reused. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import { isSqliteConnection } from "./SqliteClient.ts"

export type Value = string | number | null | Uint8Array

/** A batch is cut into chunks of these sizes; with any size allowed, each batch would be a statement of its own. */
export const chunkSizes = [256, 64, 16, 4, 1]

interface ManyRows {
  /** Names the template: the same key always has the same types and template. */
  readonly key: string
  readonly types: ReadonlyArray<"text" | "int8">
  /** A statement around `VALUES` rows; in a `FROM` they are called `column1`, `column2` ... */
  readonly template: (values: string) => string
}

/** One more row of another table, written with the first of them: a statement of its own would be a round trip. */
export interface AlsoRow {
  readonly types: ReadonlyArray<"text" | "int8">
  /** A whole `INSERT` around the one row of values. */
  readonly statement: (values: string) => string
  readonly values: ReadonlyArray<Value>
}

const texts = new Map<string, string>()

const tuple = ({ value }: Dialect, types: ReadonlyArray<"text" | "int8">, before: number): string =>
  `(${types.map((type, column) => value(before + column + 1, type)).join(",")})`

const statementText = (
  { key, template, types }: ManyRows,
  dialect: Dialect,
  size: number,
  also?: AlsoRow
): string => {
  const cacheKey = `${dialect.embedded}|${size}|${key}${also === undefined ? "" : "|also"}`
  let text = texts.get(cacheKey)
  if (text === undefined) {
    const rows = Array.from({ length: size }, (_, row) => tuple(dialect, types, row * types.length))
    text = template(rows.join(","))
    if (also !== undefined) {
      text = `WITH also AS (${also.statement(tuple(dialect, also.types, size * types.length))}) ${text}`
    }
    texts.set(cacheKey, text)
  }
  return text
}

/**
 * Runs the template over all rows, in chunks, and answers with all that came back. `also` goes with the first chunk, where
 * the database can write two tables in one statement; of one key it is always the same table.
 */
export const overRows = Effect.fnUntraced(function*<Row extends object>(
  sql: Sql,
  many: ManyRows,
  rows: ReadonlyArray<ReadonlyArray<Value>>,
  also?: AlsoRow
): Effect.fn.Return<ReadonlyArray<Row>, SqlError.SqlError> {
  if (rows.length === 0) return []
  const dialect = dialectOf(sql)
  if (dialect.embedded) {
    const transaction = yield* Effect.serviceOption(sql.transactionService)
    if (transaction._tag === "Some" && isSqliteConnection(transaction.value[0])) {
      return yield* transaction.value[0].executeMany<Row>(statementText(many, dialect, 1), rows)
    }
  }
  const found: Array<Row> = []
  let from = 0
  for (const size of chunkSizes) {
    while (rows.length - from >= size) {
      const first = from === 0 ? also : undefined
      const text = statementText(many, dialect, size, first)
      const params = rows.slice(from, from + size).flat()
      if (first !== undefined) params.push(...first.values)
      for (const row of yield* sql.unsafe<Row>(text, params)) found.push(row)
      from += size
    }
  }
  return found
})

/** For rows that are locked or written in the order of their key, so that two commits do not wait for each other. */
export const byKey = <T>(f: (t: T) => string) => (a: T, b: T): number => f(a) < f(b) ? -1 : 1

/** Postgres answers `int8` as BigInt; sequence numbers and times are far below 2^53. */
export const numbers = <Row extends object>(row: Row): Row => {
  const values = row as Record<string, unknown>
  for (const key in values) if (typeof values[key] === "bigint") values[key] = Number(values[key])
  return row
}
