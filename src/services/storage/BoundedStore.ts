/**
 * Any store, as the server uses it: every question is answered in time, and where the store has a journal, a directory or
 * files, their questions too.
 */
import { Context, Effect, Layer, Option } from "effect"
import { inTime } from "../kernel/inTime.ts"
import { type Asking, makeAsking } from "./asking.ts"
import { bounded } from "./bounded.ts"
import { Directory } from "./Directory.ts"
import { FileRecords } from "./FileRecords.ts"
import { Invites } from "./Invites.ts"
import { Journal } from "./Journal.ts"
import { MessageStore } from "./MessageStore.ts"
import { Preferences } from "./Preferences.ts"
import { PushRecords } from "./PushRecords.ts"
import { Reports } from "./Reports.ts"
import { Search } from "./Search.ts"
import { ServerKeys } from "./ServerKeys.ts"
import { noAnswer, type StoreHealth } from "./StoreHealth.ts"

/** Long enough for the conversations of a very large SQLite file to be counted, in milliseconds. */
const sizeMillis = 30_000

const boundedDirectory = (asking: Asking, directory: Directory["Service"]): Directory["Service"] => ({
  ...bounded(asking, directory, ["size"]),
  size: inTime(Effect.suspend(() => directory.size), { millis: sizeMillis, late: () => Effect.fail(noAnswer()) })
})

/** What a store may have beside its log comes with it; whoever needs one of these asks whether it is there. */
const layer: Layer.Layer<MessageStore, never, MessageStore | StoreHealth> = Layer.effectContext(
  Effect.gen(function*() {
    const asking = yield* makeAsking
    const ifThere = <I, S extends object>(
      tag: Context.Key<I, S>,
      bound: (asking: Asking, service: S) => S = bounded
    ) =>
      Effect.map(
        Effect.serviceOption(tag),
        Option.match({ onNone: () => Context.empty(), onSome: (found) => Context.make(tag, bound(asking, found)) })
      )
    const store = bounded(asking, yield* MessageStore, [
      // The PersistenceActor bounds it, because it has to hear what became of a late one.
      "commit",
      // Work for minutes, that no client waits for.
      "trim",
      "exportUser",
      "ownEntries",
      "eraseUser"
    ])
    return Context.mergeAll(
      Context.make(MessageStore, store),
      // Work in steps, that nobody waits for.
      yield* ifThere(Journal, (asking, journal) => bounded(asking, journal, ["trim"])),
      yield* ifThere(Search, (asking, search) => bounded(asking, search, ["fill"])),
      yield* ifThere(Directory, boundedDirectory),
      yield* ifThere(FileRecords),
      yield* ifThere(Preferences),
      yield* ifThere(PushRecords),
      yield* ifThere(Invites),
      yield* ifThere(Reports),
      yield* ifThere(ServerKeys)
    )
  })
)

export const BoundedStore = { layer }
