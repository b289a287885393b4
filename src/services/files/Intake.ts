/** What comes for a file, on its way to wherever it is kept: counted against what was said of it, and summed. */
import { Effect, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { FileId } from "../../domain/Ids.ts"
import { FileStoreError, type StoredFile } from "./FileStore.ts"

/** No other name is ever part of a path or a key: these have no dots and no separators. */
export const isFileId = Schema.is(FileId)

export const notAName = () =>
  new FileStoreError({ kind: "corrupt", message: "A file has a name that is none; nothing was kept." })

/** What waits for the next write, of each file that comes: 25 MB are a hundred writes and not a thousand. */
const batchBytes = 262_144

/** Of a sender of single bytes, too, little waits; no system takes more of them at a time. */
const batchChunks = 1_024

const more = (said: number) =>
  new FileStoreError({ kind: "corrupt", message: `More came of a file than the ${said} bytes that it was to have.` })

const less = (said: number, size: number) =>
  new FileStoreError({ kind: "corrupt", message: `Only ${size} bytes came of a file that was to have ${said}.` })

/**
 * Hands all of it on, some of it at a time and in its order. The next is asked for when this has been written, so a place
 * that is slow makes its sender slow.
 */
export const takeIn = Effect.fnUntraced(function*<E, R, E2>(
  content: Stream.Stream<Uint8Array, E, R>,
  said: number | undefined,
  write: (chunks: ReadonlyArray<Uint8Array>) => Effect.Effect<void, E2>
): Effect.fn.Return<StoredFile, E | E2 | FileStoreError, R> {
  const hash = createHash("sha256")
  let size = 0
  let waiting: Array<Uint8Array> = []
  let waitingBytes = 0
  const flush = Effect.suspend(() => {
    const chunks = waiting
    waiting = []
    waitingBytes = 0
    return write(chunks)
  })
  yield* Stream.runForEachArray(content, (chunks): Effect.Effect<void, E2 | FileStoreError> => {
    for (const chunk of chunks) {
      size += chunk.byteLength
      if (said !== undefined && size > said) return Effect.fail(more(said))
      hash.update(chunk)
      waiting.push(chunk)
      waitingBytes += chunk.byteLength
    }
    return waitingBytes >= batchBytes || waiting.length >= batchChunks ? flush : Effect.void
  })
  if (said !== undefined && size < said) return yield* less(said, size)
  if (waitingBytes > 0) yield* flush
  return { size, sha256: hash.digest("hex") }
})

/** The part of `size` bytes that a range is: what lies beyond the end is not there. `end` is not included. */
export const within = (
  size: number,
  range: { readonly from: number; readonly to: number } | undefined
): { readonly from: number; readonly end: number } => {
  if (range === undefined) return { from: 0, end: size }
  const from = Math.min(Math.max(0, range.from), size)
  return { from, end: Math.max(from, Math.min(range.to + 1, size)) }
}
