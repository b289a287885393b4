/** Commands that work on stored data, beside a running server or without one. */
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { StoreError } from "../services/storage/MessageStore.ts"
import { PersonalData } from "../services/storage/PersonalData.ts"
import { SqliteMessageStore } from "../services/storage/SqliteMessageStore.ts"
import { told, userError } from "./errors.ts"
import * as flags from "./flags.ts"
import { dataFlag, keptStoreFlags, storeOf } from "./store.ts"

const isStoreError = Schema.is(StoreError)

const user = flags.user("user", "The user's id")

const failedStore = <A, E, R>(effect: Effect.Effect<A, E | StoreError, R>) =>
  Effect.catchIf(effect, isStoreError, (error) => told(error))

/** A server that is interrupted has done what it was to do; these have not. */
const orUndone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.onInterrupt(effect, () => Console.error("It was interrupted before it was done; run it again."))

/** Beside a server, if one runs. */
const onPersonalData = <A, E>(
  input: flags.Input<typeof keptStoreFlags>,
  use: (data: PersonalData["Service"]) => Effect.Effect<A, E>
) =>
  Effect.flatMap(PersonalData, use).pipe(
    failedStore,
    Effect.provide(Layer.provide(PersonalData.layer, storeOf(input, { exclusive: false }))),
    orUndone
  )

export const exportUser = Command.make(
  "export",
  flags.withFile({ user, ...keptStoreFlags }),
  Effect.fn("export")((input) =>
    onPersonalData(
      input,
      Effect.fnUntraced(function*(data) {
        const parts = yield* data.export(input.user)
        if (parts === undefined) return yield* userError(`Nothing is stored about ${input.user}; check --user.`)
        yield* Stream.runForEach(parts, (part) => Console.log(part))
      })
    )
  )
).pipe(Command.withDescription("Print what is stored about a user, as JSON"))

export const erase = Command.make(
  "erase",
  flags.withFile({ user, ...keptStoreFlags }),
  Effect.fn("erase")((input) =>
    onPersonalData(
      input,
      Effect.fnUntraced(function*(data) {
        const { banned, found, texts } = yield* data.erase(input.user)
        const more = banned ? " A ban of the name stays until it is lifted." : ""
        if (!found) {
          return yield* userError(`Nothing is stored about ${input.user} that could be erased; check --user.${more}`)
        }
        yield* Console.log(
          `Erased ${input.user}: ${texts} texts, the profile, all cursors, blocks and memberships.${more}`
        )
      })
    )
  )
).pipe(Command.withDescription("Remove what is stored about a user; their places in conversations stay"))

export const backup = Command.make(
  "backup",
  flags.withFile({
    to: Flag.String("to").pipe(Flag.withDescription("The file to write; it must not exist yet")),
    data: dataFlag
  }),
  Effect.fn("backup")(function*({ data, to }) {
    yield* orUndone(failedStore(SqliteMessageStore.backup(data, to)))
    yield* Console.log(`Copied ${data} to ${to}.`)
  })
).pipe(Command.withDescription("Copy the SQLite store, also while a server runs on it"))

export const restore = Command.make(
  "restore",
  flags.withFile({
    from: Flag.String("from").pipe(Flag.withDescription("The copy, as \"backup\" made it; it stays as it is")),
    data: dataFlag
  }),
  Effect.fn("restore")(function*({ data, from }) {
    const old = yield* orUndone(failedStore(SqliteMessageStore.restore(from, data)))
    yield* Console.log(
      `Restored ${data} from ${from}.${old === undefined ? "" : ` What was there before is now ${old}.`}`
    )
  })
).pipe(Command.withDescription("Put a copy in the place of the SQLite store, while no server runs on it"))
