/** Commands that work on stored data, beside a running server or without one. */
import { Clock, Console, Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { UserId } from "../domain/Ids.ts"
import { MessageStore, StoreError } from "../services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../services/storage/SqliteMessageStore.ts"
import { printExport } from "./export.ts"
import { dataFlag, keptStoreFlags, storeOf } from "./store.ts"
import { userError } from "./userError.ts"

const isStoreError = Schema.is(StoreError)

const user = Flag.String("user").pipe(Flag.withSchema(UserId), Flag.withDescription("The user's id"))

const failedStore = <A, E, R>(effect: Effect.Effect<A, E | StoreError, R>) =>
  Effect.catchIf(effect, isStoreError, (error) => userError(error.message, error))

/** A server that is interrupted has done what it was to do; these have not. */
const orUndone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.onInterrupt(effect, () => Console.error("It was interrupted before it was done; run it again."))

export const exportUser = Command.make(
  "export",
  { user, ...keptStoreFlags },
  Effect.fn("export")(function*(input) {
    const program = Effect.gen(function*() {
      const store = yield* MessageStore
      const stored = yield* store.exportUser(input.user)
      const { bans, blocks, devices, lastSeen, memberships } = stored
      if (lastSeen === undefined && [bans, blocks, devices, memberships].every(({ length }) => length === 0)) {
        return yield* userError(`Nothing is stored about ${input.user}; check --user.`)
      }
      yield* printExport(stored)
    })
    yield* program.pipe(failedStore, Effect.provide(storeOf(input, { exclusive: false })), orUndone)
  })
).pipe(Command.withDescription("Print what is stored about a user, as JSON"))

/** Between two steps, for as long as the last one took: a server on the same store has its turn, and nobody notices. */
const makePause = Effect.map(Clock.Clock, (clock) => {
  let since = clock.currentTimeMillisUnsafe()
  return Effect.suspend(() => Effect.sleep(Math.min(50, clock.currentTimeMillisUnsafe() - since))).pipe(
    Effect.andThen(Effect.sync(() => {
      since = clock.currentTimeMillisUnsafe()
    }))
  )
})

/** Until then every server has heard of it and has closed the user's connections. */
const untilHeard = "2 seconds"

export const erase = Command.make(
  "erase",
  { user, ...keptStoreFlags },
  Effect.fn("erase")(function*(input) {
    const program = Effect.gen(function*() {
      const store = yield* MessageStore
      const { bans, blocks, devices, lastSeen, memberships } = yield* store.exportUser(input.user)
      const banned = bans.length > 0 ? " A ban of the name stays until it is lifted." : ""
      if (lastSeen === undefined && [blocks, devices, memberships].every(({ length }) => length === 0)) {
        return yield* userError(`Nothing is stored about ${input.user} that could be erased; check --user.${banned}`)
      }
      const pause = yield* makePause
      const removed = yield* store.eraseUser(input.user, pause)
      // And what a connection that was still open has left behind.
      yield* Effect.sleep(untilHeard)
      const late = yield* store.eraseUser(input.user, pause)
      yield* Console.log(
        `Erased ${input.user}: ${removed + late} texts, all cursors, blocks and memberships.${banned}`
      )
    })
    yield* program.pipe(failedStore, Effect.provide(storeOf(input, { exclusive: false })), orUndone)
  })
).pipe(Command.withDescription("Remove what is stored about a user; their places in conversations stay"))

export const backup = Command.make(
  "backup",
  {
    to: Flag.String("to").pipe(Flag.withDescription("The file to write; it must not exist yet")),
    data: dataFlag
  },
  Effect.fn("backup")(function*({ data, to }) {
    yield* orUndone(failedStore(SqliteMessageStore.backup(data, to)))
    yield* Console.log(`Copied ${data} to ${to}.`)
  })
).pipe(Command.withDescription("Copy the SQLite store, also while a server runs on it"))

export const restore = Command.make(
  "restore",
  {
    from: Flag.String("from").pipe(Flag.withDescription("The copy, as \"backup\" made it; it stays as it is")),
    data: dataFlag
  },
  Effect.fn("restore")(function*({ data, from }) {
    const old = yield* orUndone(failedStore(SqliteMessageStore.restore(from, data)))
    yield* Console.log(
      `Restored ${data} from ${from}.${old === undefined ? "" : ` What was there before is now ${old}.`}`
    )
  })
).pipe(Command.withDescription("Put a copy in the place of the SQLite store, while no server runs on it"))
