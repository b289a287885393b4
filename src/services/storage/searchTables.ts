/** The tables of the search index (`SearchIndex.ts`), which each database has in its own way. */
import type { Dialect } from "./Dialect.ts"
import { postgresSearchTables } from "./postgresSearchTables.ts"
import { sqliteSearchTables } from "./sqliteSearchTables.ts"

export const searchTables = ({ embedded }: Dialect): ReadonlyArray<string> =>
  embedded ? sqliteSearchTables : postgresSearchTables
