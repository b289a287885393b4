/** Which store the flags ask for. */
import { Duration, Effect, Layer, Option } from "effect"
import { CliError } from "effect/cli"
import { repeatForever } from "../services/repeatForever.ts"
import { MemoryMessageStore } from "../services/storage/MemoryMessageStore.ts"
import { MessageStore, type StoreError } from "../services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../services/storage/PostgresMessageStore.ts"
import { SqliteMessageStore } from "../services/storage/SqliteMessageStore.ts"
import * as flags from "./flags.ts"
import type { Input } from "./input.ts"

export const dataFlag = flags.text("data", "./switchboard.db", "The SQLite data file")

export const storeFlags = {
  store: flags.choice("store", ["sqlite", "postgres", "memory"], "sqlite", "Where messages are kept"),
  data: dataFlag,
  databaseUrl: flags.secret("database-url", "The Postgres database, as postgres://user:password@host:port/name")
}

export const retentionFlags = {
  retainDays: flags.int("retain-days", 0, "Days after which messages are removed; 0 keeps them"),
  retainMessages: flags.int("retain-messages", 0, "Messages kept in each conversation; 0 keeps all, in memory 1000")
}

/** One sentence on stderr and exit code 1. */
export const userError = (userMessage: string, cause: unknown = userMessage) =>
  new CliError.UserError({ cause, userMessage })

export interface StoreOptions {
  /** Whether this process owns the data file alone, as a server does. */
  readonly exclusive: boolean
  readonly keep?: number
}

export const storeOf = (
  { data, databaseUrl, store }: Input<typeof storeFlags>,
  { exclusive, keep }: StoreOptions
): Layer.Layer<MessageStore, CliError.UserError> => {
  if (store === "memory") return MemoryMessageStore.layer(keep === undefined ? {} : { keep })
  if (store === "sqlite") return orTell(SqliteMessageStore.layer({ filename: data, exclusive }))
  return Option.match(databaseUrl, {
    onNone: () => Layer.effect(MessageStore, userError("--store postgres needs --database-url; add it.")),
    onSome: (url) => orTell(PostgresMessageStore.layer({ url }))
  })
}

const orTell = (store: Layer.Layer<MessageStore, StoreError>) =>
  store.pipe(Layer.catchTag("StoreError", (error) => Layer.effect(MessageStore, userError(error.message, error))))

/** Removes what is too old or too much, now and then every minute. A failing store is asked again next time. */
export const retention = ({ retainDays, retainMessages }: Input<typeof retentionFlags>) =>
  Layer.effectDiscard(Effect.gen(function*() {
    if (retainDays === 0 && retainMessages === 0) return
    const store = yield* MessageStore
    const trim = Effect.gen(function*() {
      const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
      const removed = yield* store.trim({
        ...(retainDays === 0 ? undefined : { before: now - Duration.toMillis(Duration.days(retainDays)) }),
        ...(retainMessages === 0 ? undefined : { keep: retainMessages })
      })
      if (removed > 0) yield* Effect.logInfo("Retention.trimmed").pipe(Effect.annotateLogs({ removed }))
    }).pipe(Effect.catchTag("StoreError", (error) => Effect.logWarning("Retention.failed", error.message)))
    yield* Effect.forkScoped(repeatForever("Retention", trim, "1 minute"))
  }))
