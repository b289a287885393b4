/** Many rows in few statements of few different texts, so that every statement is prepared once and then reused. */
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { type Dialect, dialectOf, type Sql } from "./Dialect.ts"
import { isSqliteConnection } from "./SqliteClient.ts"

export type Value = string | number | null

/** A batch is cut into chunks of these sizes; with any size allowed, each batch would be a statement of its own. */
export const chunkSizes = [256, 64, 16, 4, 1]

interface ManyRows {
  /** Names the template: the same key always has the same types and template. */
  readonly key: string
  readonly types: ReadonlyArray<"text" | "int8">
  /** A statement around `VALUES` rows; in a `FROM` they are called `column1`, `column2` ... */
  readonly template: (values: string) => string
}

const texts = new Map<string, string>()

const statementText = (
  { key, template, types }: ManyRows,
  { embedded, value }: Dialect,
  size: number
): string => {
  const cacheKey = `${embedded}|${size}|${key}`
  let text = texts.get(cacheKey)
  if (text === undefined) {
    const rows = Array.from(
      { length: size },
      (_, row) => `(${types.map((type, column) => value(row * types.length + column + 1, type)).join(",")})`
    )
    texts.set(cacheKey, text = template(rows.join(",")))
  }
  return text
}

/** Runs the template over all rows, in chunks, and answers with all that came back. */
export const overRows = Effect.fnUntraced(function*<Row extends object>(
  sql: Sql,
  many: ManyRows,
  rows: ReadonlyArray<ReadonlyArray<Value>>
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
      const text = statementText(many, dialect, size)
      const params = rows.slice(from, from + size).flat()
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
