/** Which store the flags ask for. */
import { Layer, Option, type Redacted } from "effect"
import type { CliError } from "effect/cli"
import { defined } from "../domain/defined.ts"
import type { Journal } from "../services/storage/Journal.ts"
import { MemoryMessageStore } from "../services/storage/MemoryMessageStore.ts"
import { MessageStore, type StoreError } from "../services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../services/storage/PostgresMessageStore.ts"
import { SqliteMessageStore } from "../services/storage/SqliteMessageStore.ts"
import type { Subscriptions } from "../services/storage/Subscriptions.ts"
import { told, userError } from "./errors.ts"
import { filesFlag } from "./files.ts"
import * as flags from "./flags.ts"

export const dataFlag = flags.text("data", "./switchboard.db", "The SQLite data file")

const places = {
  data: dataFlag,
  files: filesFlag,
  databaseUrl: flags.secret("database-url", "The Postgres database, as postgres://user:password@host:port/name")
}

export const storeFlags = {
  store: flags.choice("store", ["sqlite", "postgres", "memory"], "sqlite", "Where messages are kept"),
  ...places
}

/** For commands that look at what is kept: what a server has in its memory, another process cannot see. */
export const keptStoreFlags = {
  store: flags.choice("store", ["sqlite", "postgres"], "sqlite", "Where messages are kept"),
  ...places
}

export const retentionFlags = {
  // A hundred years, so that no time lies before what clocks can say.
  retainDays: flags.int("retain-days", 0, "Days after which messages are removed; 0 keeps them", 36_500),
  retainMessages: flags.int("retain-messages", 0, "Messages kept in each conversation; 0 keeps all, in memory 1000"),
  retainDeviceDays: flags.int(
    "retain-device-days",
    365,
    "Days after which an unused named device is forgotten; 0 keeps all",
    36_500
  )
}

export interface StoreOptions {
  /** Whether this process owns the data file alone, makes it and brings it up to date, as a server does. */
  readonly exclusive: boolean
  readonly keep?: number
  readonly maxDevicesPerUser?: number
}

export const storeOf = (
  { data, databaseUrl, store }: flags.Input<typeof storeFlags> | flags.Input<typeof keptStoreFlags>,
  { exclusive, keep, ...devices }: StoreOptions
): Layer.Layer<MessageStore | Subscriptions, CliError.UserError> => {
  if (store === "memory") return MemoryMessageStore.layer({ ...devices, ...defined({ keep }) })
  if (store === "sqlite") return orTell(SqliteMessageStore.layer({ ...devices, filename: data, exclusive }))
  return postgresOf(databaseUrl, { exclusive, ...devices })
}

/** What several servers may share, with its journal. */
export const postgresOf = (
  databaseUrl: Option.Option<Redacted.Redacted<string>>,
  { exclusive, maxDevicesPerUser }: Omit<StoreOptions, "keep">
): Layer.Layer<MessageStore | Journal | Subscriptions, CliError.UserError> =>
  Option.match(databaseUrl, {
    onNone: () => Layer.effectContext(userError("--store postgres needs --database-url; add it.")),
    onSome: (url) => orTell(PostgresMessageStore.layer({ url, migrate: exclusive, ...defined({ maxDevicesPerUser }) }))
  })

const orTell = <Services>(store: Layer.Layer<Services, StoreError>): Layer.Layer<Services, CliError.UserError> =>
  store.pipe(Layer.catchTag("StoreError", (error) => Layer.effectContext(told(error))))
