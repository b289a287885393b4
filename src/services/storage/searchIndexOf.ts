/** The search index of a database, whichever it is. */
import type { Sql } from "./Dialect.ts"
import { postgresSearchIndex } from "./postgresSearchIndex.ts"
import type { SearchIndex } from "./SearchIndex.ts"
import { sqliteSearchIndex } from "./sqliteSearchIndex.ts"

export const searchIndexOf = (sql: Sql): SearchIndex =>
  sql.onDialectOrElse({ pg: () => postgresSearchIndex, orElse: () => sqliteSearchIndex })
