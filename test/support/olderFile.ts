/** A SQLite file as an older version left it. */
import { Effect } from "effect"
import { Migrator } from "effect/sql"
import { migrationsUpTo, table } from "../../src/services/storage/migrations.ts"
import * as SqliteClient from "../../src/services/storage/SqliteClient.ts"

/** With the tables of the first so many migrations. */
export const olderFile = (filename: string, version: number) =>
  Migrator.make({})({ loader: migrationsUpTo(version), table }).pipe(
    Effect.provide(SqliteClient.layer({ filename })),
    Effect.orDie,
    Effect.asVoid
  )
