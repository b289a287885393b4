/** A store in a file, and what is said in it. */
import { Effect } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../src/services/storage/SqliteMessageStore.ts"
import * as commands from "../../src/testing/contract/commands.ts"
import { temporaryDirectory } from "./stores.ts"

const alice = UserId.make("alice")
const conversation = Conversation.direct(alice, UserId.make("bob"))

/** The name of a file that is not there yet. */
export const dataFile = Effect.map(temporaryDirectory, (path) => join(path, "chat.db"))

/** As a server has it. */
export const withStore = <A, E, R>(filename: string, effect: Effect.Effect<A, E, R | MessageStore>) =>
  Effect.provide(effect, SqliteMessageStore.layer({ filename }), { local: true })

/** As a command beside a server has it. */
export const beside = <A, E, R>(filename: string, effect: Effect.Effect<A, E, R | MessageStore>) =>
  Effect.provide(effect, SqliteMessageStore.layer({ filename, exclusive: false }), { local: true })

/** Alice says this to Bob; returns the places. */
export const say = (...texts: ReadonlyArray<string>) =>
  commands.commit(...texts.map((text) => commands.text(alice, conversation, text, { at: 1 })))

export const texts = Effect.gen(function*() {
  const store = yield* MessageStore
  return (yield* store.history({ conversation, after: 0, limit: 1_000 })).entries.map(commands.shown)
})

/** Past the store. */
export const inDatabase = <A>(filename: string, use: (db: DatabaseSync) => A): A => {
  const db = new DatabaseSync(filename)
  try {
    return use(db)
  } finally {
    db.close()
  }
}

/** As a version to come would have written it. */
export const fromTheFuture = (filename: string) =>
  inDatabase(
    filename,
    (db) => db.exec("INSERT INTO switchboard_migrations (migration_id, name) VALUES (999, 'future')")
  )

/** Another program's. */
export const recipes = (filename: string) => inDatabase(filename, (db) => db.exec("CREATE TABLE recipes (name text)"))
