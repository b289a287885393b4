/** Commands that work on stored data, beside a running server or without one. */
import { Console, Effect, Layer, Schema, Stdio, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { PersonalData } from "../services/personal/PersonalData.ts"
import { StoreError } from "../services/storage/MessageStore.ts"
import { backUp, bringBack } from "./copies.ts"
import { told, userError } from "./errors.ts"
import { filesFlag, filesPlace, fileStoreOf } from "./files.ts"
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
  use: (data: PersonalData["Service"]) => Effect.Effect<A, E, Stdio.Stdio>
) =>
  Effect.flatMap(PersonalData, use).pipe(
    failedStore,
    Effect.provide(
      Layer.unwrap(Effect.map(filesPlace(input), (place) =>
        PersonalData.layer.pipe(
          Layer.provide(fileStoreOf(place)),
          Layer.provide(storeOf(input, { exclusive: false }))
        )))
    ),
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
        // At the pace of whoever reads it: a file may be larger than memory.
        const { stdout } = yield* Stdio.Stdio
        yield* Stream.run(Stream.encodeText(parts), stdout({ endOnDone: false })).pipe(
          Effect.mapError((error) => isStoreError(error) ? error : userError("The export could not be written.", error))
        )
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
          `Erased ${input.user}: ${texts} texts, the profile, all files, cursors, blocks and memberships.${more}`
        )
      })
    )
  )
).pipe(Command.withDescription("Remove what is stored about a user; their places in conversations stay"))

/** Where the files of a data file are. */
const placeOf = ({ data, files }: { readonly data: string; readonly files: string }) =>
  filesPlace({ data, files, store: "sqlite" })

export const backup = Command.make(
  "backup",
  flags.withFile({
    to: Flag.String("to").pipe(
      Flag.withDescription("The file to write, and with .files behind its name the folder; they must not exist yet")
    ),
    data: dataFlag,
    files: filesFlag
  }),
  Effect.fn("backup")(function*({ to, ...input }) {
    const files = yield* orUndone(backUp(input.data, to, yield* placeOf(input)))
    yield* Console.log(`Copied ${input.data} to ${to}.${files}`)
  })
).pipe(Command.withDescription("Copy the SQLite store and its files, also while a server runs on it"))

export const restore = Command.make(
  "restore",
  flags.withFile({
    from: Flag.String("from").pipe(Flag.withDescription("The copy, as \"backup\" made it; it stays as it is")),
    data: dataFlag,
    files: filesFlag
  }),
  Effect.fn("restore")(function*({ from, ...input }) {
    const { files, old } = yield* orUndone(bringBack(from, input.data, yield* placeOf(input)))
    yield* Console.log(
      `Restored ${input.data} from ${from}.${old === undefined ? "" : ` What was there before is now ${old}.`}${files}`
    )
  })
).pipe(Command.withDescription("Put a copy in the place of the SQLite store, while no server runs on it"))
