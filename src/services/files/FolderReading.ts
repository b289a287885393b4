/** Files out of a folder: one, a part of one, the names of all. Each reader has a handle, and asks when it has room. */
import { type Array as Arr, Cause, Effect, type Pull, Stream } from "effect"
import { stat } from "node:fs/promises"
import { join } from "node:path"
import type { FileId } from "../../domain/Ids.ts"
import { lend } from "../kernel/lent.ts"
import { type FileStore, FileStoreError, type ListedFile } from "./FileStore.ts"
import { codeOf, type FolderAccess, isRoom, placeOf, roomLengths, roomsOf } from "./FolderPlaces.ts"
import { isFileId, within } from "./Intake.ts"

type Chunks = Arr.NonEmptyReadonlyArray<Uint8Array>

/** Of a file that is read. It is what waits for each slow reader. */
const readBytes = 131_072

const shorter = (folder: string) =>
  new FileStoreError({ kind: "corrupt", message: `A file in ${folder} is shorter than it was; see to its disk.` })

export const folderReading = ({ does, folder, names, opened, unless }: FolderAccess) => {
  const gone = () =>
    new FileStoreError({ kind: "unavailable", message: "A file was removed before it could be read; nothing is lost." })

  const reading = (path: string, from: number, end: number): Stream.Stream<Uint8Array, FileStoreError> =>
    Stream.unwrap(Effect.map(
      Effect.mapError(opened(path, "r"), (error) => codeOf(error.cause) === "ENOENT" ? gone() : error),
      (handle) => {
        let at = from
        return Stream.fromPull(Effect.succeed(Effect.suspend((): Pull.Pull<Chunks, FileStoreError> => {
          if (at >= end) return Cause.done()
          // Whoever gets it may keep it, so it is not used again.
          const buffer = Buffer.allocUnsafeSlow(Math.min(readBytes, end - at))
          return Effect.flatMap(does(() => handle.read(buffer, 0, buffer.byteLength, at)), ({ bytesRead }) => {
            if (bytesRead === 0) return Effect.fail(shorter(folder))
            at += bytesRead
            const piece = buffer.subarray(0, bytesRead)
            lend(piece)
            return Effect.succeed([piece])
          })
        })))
      }
    ))

  const get: FileStore["Service"]["get"] = (file, range) => {
    if (!isFileId(file)) return Effect.undefined
    const { path } = placeOf(folder, file)
    return Effect.map(unless("ENOENT", () => stat(path)), (found) => {
      if (found === undefined) return undefined
      const { end, from } = within(found.size, range)
      return { size: found.size, content: from === end ? Stream.empty : reading(path, from, end) }
    })
  }

  const list = Effect.fnUntraced(function*(options: { readonly after?: FileId; readonly limit: number }) {
    const after: string = options.after ?? ""
    const rooms = roomsOf(after)
    const found: Array<FileId> = []
    search: for (const top of yield* names(folder)) {
      if (!isRoom(top, roomLengths.top) || top < rooms.top) continue
      for (const low of yield* names(join(folder, top))) {
        if (!isRoom(low, roomLengths.low) || (top === rooms.top && low < rooms.low)) continue
        for (const name of yield* names(join(folder, top, low))) {
          if (isFileId(name) && name > after) found.push(name)
          if (found.length > options.limit) break search
        }
      }
    }
    const page = yield* Effect.forEach(
      found.slice(0, options.limit),
      (file) =>
        Effect.map(
          unless("ENOENT", () => stat(placeOf(folder, file).path)),
          (kept): ReadonlyArray<ListedFile> =>
            kept === undefined ? [] : [{ file, size: kept.size, at: Math.floor(kept.mtimeMs) }]
        ),
      { concurrency: 16 }
    )
    return { files: page.flat(), hasMore: found.length > options.limit }
  })

  return { get, list }
}
