/** Entries as people are shown them: with the paths of their files. Where there are no `FileLinks`, they are as they are. */
import { Effect, identity, Option } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import { FileLinks } from "./FileLinks.ts"

/** An entry without files is the same object. */
export type Sign = <E extends Entry>(entry: E) => E

export const signing: Effect.Effect<Sign> = Effect.map(
  Effect.serviceOption(FileLinks),
  Option.match({ onNone: () => identity, onSome: ({ sign }): Sign => (entry) => sign(entry) })
)

type Reads = Pick<MessageStore["Service"], "history" | "recent">

/** What whoever is shown entries reads of a store. */
export const signedReads = (store: Reads, sign: Sign): Reads => ({
  history: (options) =>
    Effect.map(store.history(options), (page) => ({ ...page, entries: page.entries.map((entry) => sign(entry)) })),
  recent: (options) =>
    Effect.map(store.recent(options), ({ hasMore, items }) => ({
      hasMore,
      items: items.map((item) =>
        item.last_message === undefined ? item : { ...item, last_message: sign(item.last_message) }
      )
    }))
})
