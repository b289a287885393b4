/** Files without a disk: everything is gone with the process, and there is room for so much and no more. */
import { Clock, Effect, Layer, Stream } from "effect"
import type { FileId } from "../../domain/Ids.ts"
import { giveBack } from "../kernel/lent.ts"
import { FileStore, FileStoreError } from "./FileStore.ts"
import { isFileId, notAName, takeIn, within } from "./Intake.ts"

export interface MemoryFileStoreOptions {
  /** Room for all of them together, in bytes; 256 MiB by default. */
  readonly maxBytes?: number
}

interface Kept {
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly size: number
  readonly at: number
}

/** The chunks of a part, without copies of them. */
const partOf = (chunks: ReadonlyArray<Uint8Array>, from: number, end: number): ReadonlyArray<Uint8Array> => {
  const part: Array<Uint8Array> = []
  let at = 0
  for (const chunk of chunks) {
    const [begin, until] = [Math.max(0, from - at), Math.min(chunk.byteLength, end - at)]
    if (begin < until) part.push(chunk.subarray(begin, until))
    at += chunk.byteLength
  }
  return part
}

const make = (maxBytes: number) => {
  const files = new Map<FileId, Kept>()
  let taken = 0
  const noRoom = () =>
    new FileStoreError({
      kind: "full",
      message: `The memory for files is full (${maxBytes} bytes); remove some, or keep them in a folder with --files.`
    })

  return FileStore.of({
    kind: "memory",
    put: (file, content, options) =>
      Effect.suspend(() => {
        if (!isFileId(file)) return Effect.fail(notAName())
        const chunks: Array<Uint8Array> = []
        let size = 0
        return takeIn(content, options?.size, (more) => {
          const bytes = more.reduce((sum, { byteLength }) => sum + byteLength, 0)
          if (taken + bytes > maxBytes) return Effect.fail(noRoom())
          taken += bytes
          size += bytes
          // What comes may be a corner of something large, or be written to again.
          chunks.push(new Uint8Array(Buffer.concat(more)))
          more.forEach(giveBack)
          return Effect.void
        }).pipe(
          Effect.tap(Effect.map(Clock.currentTimeMillis, (at) => {
            taken -= files.get(file)?.size ?? 0
            files.set(file, { chunks, size, at })
          })),
          Effect.onError(() => Effect.sync(() => taken -= size))
        )
      }),
    get: (file, range) =>
      Effect.sync(() => {
        const kept = files.get(file)
        if (kept === undefined) return undefined
        const { end, from } = within(kept.size, range)
        return { size: kept.size, content: Stream.fromIterable(partOf(kept.chunks, from, end)) }
      }),
    remove: (file) =>
      Effect.sync(() => {
        taken -= files.get(file)?.size ?? 0
        files.delete(file)
      }),
    list: ({ after, limit }) =>
      Effect.sync(() => {
        const names = Array.from(files.keys()).filter((file) => after === undefined || file > after).sort()
        const page = names.slice(0, limit)
        return {
          files: page.map((file) => ({ file, size: files.get(file)!.size, at: files.get(file)!.at })),
          hasMore: names.length > limit
        }
      }),
    sweep: () => Effect.void,
    check: Effect.void
  })
}

const layer = ({ maxBytes = 268_435_456 }: MemoryFileStoreOptions = {}): Layer.Layer<FileStore> =>
  Layer.sync(FileStore, () => make(maxBytes))

export const MemoryFileStore = { layer }
