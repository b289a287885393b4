/**
 * Removes what nobody needs: uploads that died, files that no message came to name, those whose messages are gone, and
 * bytes of which nobody knows. Several servers may do it at once: each step may be done twice.
 */
import { Clock, Effect } from "effect"
import type { FileId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { Settings } from "../Settings.ts"
import type { FileRecords } from "../storage/FileRecords.ts"
import type { FileIds } from "./FileIds.ts"
import type { FileStore } from "./FileStore.ts"
import type { Underway } from "./Underway.ts"
import { longestUpload } from "./Uploads.ts"

/** How long a file waits for a message that names it, in milliseconds. */
export const unusedMillis = 86_400_000

/** Bytes without a record may be those of a record that a restored backup does not have yet; so they stay a while. */
export const strayMillis = 2 * 86_400_000

/** What other servers' clocks may be behind, in milliseconds. */
const skewMillis = 600_000

/** Files that are removed in one step, and at once of these. */
const pageSize = 100
const atOnce = 4

/** Pages of all that is stored which are looked through in one sweep, and how often that begins again. */
const strayPage = 1_000
const strayPages = 10
const strayEvery = 3_600_000

export const makeSweep = Effect.fnUntraced(function*(ids: FileIds, underway: Underway) {
  const clock = yield* Clock.Clock
  const monotonic = Monotonic.nowOf(clock)
  const { maxFileBytes } = yield* Settings
  const isAlone = (yield* Cluster) === undefined
  const started = clock.currentTimeMillisUnsafe()
  const longest = longestUpload(maxFileBytes)

  /** Of a server that is alone, whatever another run of it began is dead; what this one has under way never is. */
  const uploadsBefore = (now: number): number => {
    const late = now - longest - skewMillis
    return Math.min(underway.since, isAlone ? Math.max(started, late) : late)
  }

  return (store: FileStore["Service"], records: FileRecords["Service"]) => {
    /** Where the search for strays goes on, and when it begins again. */
    let place: FileId | undefined
    let due = Number.NEGATIVE_INFINITY

    /** Those that went; one that cannot be removed now is tried again with the next sweep, and holds up no other. */
    const removeAll = Effect.fnUntraced(function*(files: ReadonlyArray<FileId>) {
      const gone: Array<FileId> = []
      yield* Effect.forEach(files, (file) =>
        store.remove(file).pipe(
          Effect.map(() => void gone.push(file)),
          Effect.catch(({ message }) =>
            Effect.annotateLogs(Effect.logWarning("Files.notRemoved"), { file, reason: message })
          )
        ), { concurrency: atOnce, discard: true })
      return gone
    })

    const unneeded = Effect.gen(function*() {
      const now = clock.currentTimeMillisUnsafe()
      let removed = 0
      for (;;) {
        const files = yield* records.unneeded({
          uploadsBefore: uploadsBefore(now),
          unusedBefore: now - unusedMillis,
          limit: pageSize
        })
        const gone = yield* removeAll(files)
        yield* records.forget(gone)
        removed += gone.length
        if (files.length < pageSize || gone.length < files.length) return removed
      }
    })

    /** Of one page of what is stored: how many went, and where the next one begins. */
    const straysAfter = Effect.fnUntraced(function*(after: FileId | undefined, before: number) {
      const { files, hasMore } = yield* store.list({ limit: strayPage, ...(after === undefined ? {} : { after }) })
      const old = files.filter(({ at, file }) => at < before && ids.isOurs(file)).map(({ file }) => file)
      const known = new Set(old.length === 0 ? [] : yield* records.known(old))
      const gone = yield* removeAll(old.filter((file) => !known.has(file)))
      return { removed: gone.length, next: hasMore ? files.at(-1)?.file : undefined }
    })

    /** A part of all that is stored; the rest with the next sweeps. */
    const strays = Effect.gen(function*() {
      const now = clock.currentTimeMillisUnsafe()
      if (place === undefined) {
        if (monotonic() < due) return 0
        due = monotonic() + strayEvery
        yield* ids.learn
        // Parts of uploads that were killed are no files, and lie beside them.
        yield* store.sweep(uploadsBefore(now))
      }
      let removed = 0
      for (let page = 0; page < strayPages; page++) {
        const looked: { readonly removed: number; readonly next: FileId | undefined } = yield* straysAfter(
          place,
          now - strayMillis
        )
        removed += looked.removed
        place = looked.next
        if (place === undefined) break
      }
      return removed
    })

    return Effect.gen(function*() {
      const removed = yield* unneeded
      const unknown = yield* strays
      if (removed + unknown > 0) {
        yield* Effect.annotateLogs(Effect.logInfo("Files.swept"), { removed, unknown })
      }
      return removed + unknown
    }).pipe(Effect.withSpan("Files.sweep"))
  }
})
