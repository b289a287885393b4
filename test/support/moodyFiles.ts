/** A place for files in memory that can be looked into, and told to fail. */
import { Clock, Effect, Layer, Stream } from "effect"
import { createHash } from "node:crypto"
import type { FileId } from "../../src/domain/Ids.ts"
import { FileStore, FileStoreError } from "../../src/services/files/FileStore.ts"

interface Kept {
  readonly bytes: Buffer
  readonly at: number
}

export const moodyFiles = () => {
  const kept = new Map<FileId, Kept>()
  const mood: {
    /** Puts fail past so many bytes. */
    fullAfter?: number
    /** Nothing can be reached. */
    isDown?: boolean
    /** Each piece waits for this before it is taken. */
    gate?: Effect.Effect<void>
  } = {}
  const down = new FileStoreError({ kind: "unavailable", message: "The place for files does not answer." })
  const asked = <A>(answer: () => A) =>
    Effect.suspend(() => mood.isDown === true ? Effect.fail(down) : Effect.sync(answer))
  /** Bytes that have come of files that are not there yet. */
  let coming = 0

  const store = FileStore.of({
    kind: "moody",
    put: Effect.fnUntraced(function*<E, R>(file: FileId, content: Stream.Stream<Uint8Array, E, R>) {
      yield* asked(() => {})
      const chunks: Array<Uint8Array> = []
      let size = 0
      yield* Stream.runForEach(content, (chunk) =>
        Effect.gen(function*() {
          yield* mood.gate ?? Effect.void
          size += chunk.length
          coming += chunk.length
          if (mood.fullAfter !== undefined && size > mood.fullAfter) {
            return yield* new FileStoreError({ kind: "full", message: "There is no room." })
          }
          chunks.push(chunk)
        })).pipe(Effect.ensuring(Effect.sync(() => coming -= size)))
      const bytes = Buffer.concat(chunks)
      kept.set(file, { bytes, at: yield* Clock.currentTimeMillis })
      return { size, sha256: createHash("sha256").update(bytes).digest("hex") }
    }),
    get: (file, range) =>
      asked(() => {
        const found = kept.get(file)
        if (found === undefined) return undefined
        const part = range === undefined ? found.bytes : found.bytes.subarray(range.from, range.to + 1)
        return { size: found.bytes.length, content: Stream.make(new Uint8Array(part)) }
      }),
    remove: (file) => asked(() => void kept.delete(file)),
    list: ({ after, limit }) =>
      asked(() => {
        const names = Array.from(kept.keys()).filter((file) => after === undefined || file > after).sort()
        return {
          files: names.slice(0, limit).map((file) => ({
            file,
            size: kept.get(file)!.bytes.length,
            at: kept.get(file)!.at
          })),
          hasMore: names.length > limit
        }
      }),
    sweep: () => Effect.void,
    check: asked(() => {})
  })
  return { kept, mood, coming: () => coming, layer: Layer.succeed(FileStore, store) }
}
