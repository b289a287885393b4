/** A case of the journal's contract, and what it has for itself: names, and servers that write. */
import { Context, Effect } from "effect"
import { Journal, type Journalled } from "../../services/storage/Journal.ts"
import { type Append, type AppendResult, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"
import type { Epoch, Position } from "../../services/storage/Position.ts"
import { freshNames, type Names } from "../contract/ContractCase.ts"

/** How a test makes the journal older: what is written in it, and the signs of life of its epochs. */
export class Ageing extends Context.Service<Ageing, {
  age(millis: number): Effect.Effect<void>
}>()("switchboard/testing/Ageing") {}

export type Needs = MessageStore | Journal | Ageing

export interface JournalCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, Needs>
}

/** One run of a server: it counts its offsets. */
export interface Writer {
  readonly epoch: Epoch
  readonly at: (offset: number) => Position
  readonly say: (...appends: ReadonlyArray<Append>) => Effect.Effect<ReadonlyArray<AppendResult>, StoreError>
  readonly note: (...notes: ReadonlyArray<unknown>) => Effect.Effect<void, StoreError>
}

const isFresh = (result: AppendResult) => result._tag === "Accepted" && !result.duplicate

export const writer = Effect.fnUntraced(
  function*(node: string): Effect.fn.Return<Writer, StoreError, MessageStore | Journal> {
    const [store, journal] = [yield* MessageStore, yield* Journal]
    const epoch = yield* journal.open(node)
    let last = 0
    return {
      epoch,
      at: (offset) => ({ epoch, offset }),
      say: Effect.fnUntraced(function*(...appends) {
        const answer = yield* store.commit(appends, [], { epoch, offset: last + 1, notes: [] })
        if (answer.appends.some(isFresh)) last++
        return answer.appends
      }),
      note: Effect.fnUntraced(function*(...notes) {
        yield* store.commit([], [], { epoch, offset: last + 1, notes })
        last++
      })
    }
  }
)

/** After which position each fresh entry was written; the code where there is none. */
export const afters = (results: ReadonlyArray<AppendResult>) =>
  results.map((result) => result._tag === "Rejected" ? result.error.code : result.duplicate ? "again" : result.after)

/** Whether it failed, as a store fails. */
export const fails = (commit: Effect.Effect<unknown, StoreError>): Effect.Effect<boolean> =>
  Effect.match(commit, { onFailure: () => true, onSuccess: () => false })

interface Own extends Names {
  readonly journal: Journal["Service"]
  readonly age: Ageing["Service"]["age"]
  /** What was written since the case began, or since these positions, in these epochs. */
  readonly written: (
    writers: ReadonlyArray<Writer>,
    known?: Iterable<readonly [Epoch, number]>
  ) => Effect.Effect<Journalled, StoreError>
}

export const journalCase = (
  name: string,
  body: (own: Own) => Effect.fn.Return<void, StoreError, Needs>
): JournalCase => ({
  name,
  effect: Effect.gen(function*() {
    const [journal, { age }] = [yield* Journal, yield* Ageing]
    const before = yield* journal.positions
    const written: Own["written"] = (writers, known = []) =>
      Effect.map(journal.since(new Map([...before, ...known]), { limit: 1_000 }), ({ epochs, hasMore, rows }) => {
        const isOurs = ({ epoch }: { readonly epoch: Epoch }) => writers.some((writer) => writer.epoch === epoch)
        return { rows: rows.filter(isOurs), hasMore, epochs: epochs.filter(isOurs) }
      })
    yield* body({ ...yield* freshNames, journal, age, written })
  })
})
