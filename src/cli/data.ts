/** Commands that work on stored data, beside a running server or without one. */
import { Console, Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import type { Entry } from "../domain/Entry.ts"
import { type ConversationId, UserId } from "../domain/Ids.ts"
import { MessageStore, StoreError } from "../services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../services/storage/SqliteMessageStore.ts"
import { dataFlag, storeFlags, storeOf, userError } from "./store.ts"

const isStoreError = Schema.is(StoreError)

const user = Flag.String("user").pipe(Flag.withSchema(UserId), Flag.withDescription("The user's id"))

const failedStore = <A, E, R>(effect: Effect.Effect<A, E | StoreError, R>) =>
  Effect.catchIf(effect, isStoreError, (error) => userError(error.message, error))

/** All entries of a conversation that a user may see, page by page. */
const entriesOf = Effect.fnUntraced(function*(user: UserId, conversation: ConversationId) {
  const store = yield* MessageStore
  const from = (yield* store.membership(conversation, user))?.firstVisible ?? 1
  const entries: Array<Entry> = []
  let after = 0
  while (true) {
    const page = yield* store.history({ conversation, after, limit: 1_000, from })
    entries.push(...page.entries)
    if (!page.hasMore || page.entries.length === 0) return entries
    after = page.entries.at(-1)!.seq
  }
})

const exportUser = Command.make(
  "export",
  { user, ...storeFlags },
  Effect.fn("export")(function*(input) {
    const program = Effect.gen(function*() {
      const store = yield* MessageStore
      const { blocked, conversations, devices } = yield* store.exportUser(input.user)
      const logs = yield* Effect.forEach(
        conversations,
        (summary) => Effect.map(entriesOf(input.user, summary.conversation), (entries) => ({ ...summary, entries }))
      )
      yield* Console.log(JSON.stringify({ user: input.user, devices, blocked, conversations: logs }, null, 2))
    })
    yield* program.pipe(failedStore, Effect.provide(storeOf(input, { exclusive: false })))
  })
).pipe(Command.withDescription("Print what is stored about a user, as JSON"))

const erase = Command.make(
  "erase",
  { user, ...storeFlags },
  Effect.fn("erase")(function*(input) {
    const program = Effect.gen(function*() {
      const store = yield* MessageStore
      const removed = yield* store.eraseUser(input.user)
      yield* Console.log(`Erased ${input.user}: ${removed} texts, all cursors, blocks and memberships.`)
    })
    yield* program.pipe(failedStore, Effect.provide(storeOf(input, { exclusive: false })))
  })
).pipe(Command.withDescription("Remove what is stored about a user; their places in conversations stay"))

const backup = Command.make(
  "backup",
  {
    to: Flag.String("to").pipe(Flag.withDescription("The file to write; it must not exist yet")),
    data: dataFlag
  },
  Effect.fn("backup")(function*({ data, to }) {
    yield* failedStore(SqliteMessageStore.backup(data, to))
    yield* Console.log(`Copied ${data} to ${to}.`)
  })
).pipe(Command.withDescription("Copy the SQLite store, also while a server runs on it"))

export const dataCommands = [exportUser, erase, backup] as const
