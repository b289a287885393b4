/** Which store the flags ask for. */
import { MemoryMessageStore } from "../services/storage/MemoryMessageStore.ts"
import * as flags from "./flags.ts"

export const storeFlags = {
  store: flags.choice("store", ["sqlite", "postgres", "memory"], "sqlite", "Where messages are kept"),
  data: flags.text("data", "./switchboard.db", "The SQLite data file"),
  databaseUrl: flags.secret("database-url", "The Postgres database, as postgres://user:password@host:port/name")
}
export const storeOf = (_: unknown) => MemoryMessageStore.layer()
