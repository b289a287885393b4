/**
 * Files on their way into a folder, and out of it for ever: written under another name, on the disk, then named.
 *
 * Bytes go through Node's file handles, many chunks in a write: an Effect for each chunk would cost more than the copy.
 */
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { type FileHandle, mkdir, open, rename, rmdir, stat, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { FileId } from "../../domain/Ids.ts"
import { giveBack } from "../kernel/lent.ts"
import type { FileStore } from "./FileStore.ts"
import { codeOf, type FolderAccess, folderError, partsName, placeOf } from "./FolderPlaces.ts"
import { isFileId, notAName, takeIn } from "./Intake.ts"

/** Another server removes an empty room just when this one has found it, at most so often. */
const tries = 5

/** Rooms that are remembered; files come to the newest. */
const maxRooms = 64

/** What is left when so many bytes were taken. */
const after = (chunks: ReadonlyArray<Uint8Array>, bytes: number): ReadonlyArray<Uint8Array> => {
  let gone = bytes
  return chunks.flatMap((chunk) => {
    const left = chunk.subarray(Math.min(gone, chunk.byteLength))
    gone -= chunk.byteLength - left.byteLength
    return left.byteLength === 0 ? [] : [left]
  })
}

/** A disk that is nearly full takes a part, and says so the next time. */
const next = (handle: FileHandle, chunks: ReadonlyArray<Uint8Array>): Promise<void> =>
  handle.writev(chunks).then(({ bytesWritten }) => {
    const left = after(chunks, bytesWritten)
    return left.length === 0 ? undefined : next(handle, left)
  })

/** What has been written is given back to whoever lent it. */
export const writeAll = (handle: FileHandle, chunks: ReadonlyArray<Uint8Array>): Promise<void> =>
  next(handle, chunks).then(() => chunks.forEach(giveBack))

export const folderWriting = ({ does, folder, names, opened, unless }: FolderAccess) => {
  const parts = join(folder, partsName)
  /** What is being written here, which is alive whatever time the file system says. */
  const written = new Set<string>()
  const sync = (path: string) => Effect.scoped(Effect.flatMap(opened(path, "r"), (handle) => does(() => handle.sync())))

  /** Not what it is in: where that is not there, a disk may be missing. */
  const makeParts = unless("EEXIST", () => mkdir(folder, { mode: 0o700 })).pipe(
    Effect.andThen(unless("EEXIST", () => mkdir(parts, { mode: 0o700 }))),
    Effect.andThen(sync(dirname(folder)))
  )

  const begin = Effect.suspend(() => {
    const path = join(parts, randomUUID())
    written.add(path)
    const created = does(() => open(path, "wx", 0o600))
    return Effect.catchIf(
      created,
      ({ cause }) => codeOf(cause) === "ENOENT",
      () => Effect.andThen(makeParts, created)
    ).pipe(
      Effect.map((handle) => ({ path, handle, placed: false })),
      Effect.onError(() => ended(path))
    )
  })

  const ended = (path: string) => Effect.sync(() => void written.delete(path))

  const rooms = new Set<string>()

  /** The name of a room, which another upload may have made a moment ago, without having come to this. */
  const placeRoom = Effect.fnUntraced(function*(room: string) {
    if (rooms.has(room)) return
    yield* sync(dirname(room))
    yield* sync(folder)
    if (rooms.size >= maxRooms) rooms.clear()
    rooms.add(room)
  })

  /** Its name, and on the disk, so that it is there after a power cut too. */
  const place = Effect.fnUntraced(function*(from: string, { path, room }: ReturnType<typeof placeOf>) {
    for (let i = 1; true; i++) {
      const moved = yield* unless("ENOENT", () => rename(from, path).then(() => true))
      if (moved === true) break
      if (i === tries) return yield* folderError(folder)({ code: "ENOENT" })
      rooms.delete(room)
      yield* does(() => mkdir(room, { recursive: true, mode: 0o700 }))
    }
    yield* placeRoom(room)
    yield* sync(room)
  })

  const write = (handle: FileHandle) => (chunks: ReadonlyArray<Uint8Array>) => does(() => writeAll(handle, chunks))

  const put: FileStore["Service"]["put"] = (file, content, options) =>
    isFileId(file)
      ? Effect.acquireUseRelease(
        begin,
        (part) =>
          takeIn(content, options?.size, write(part.handle)).pipe(
            Effect.tap(does(() => part.handle.sync())),
            Effect.tap(Effect.uninterruptible(Effect.suspend(() => {
              part.placed = true
              return place(part.path, placeOf(folder, file))
            })))
          ),
        ({ handle, path, placed }, exit) => {
          const left = placed ? [path, placeOf(folder, file).path] : [path]
          // It waits for a write that is under way.
          const closed = Effect.ignore(does(() => handle.close()))
          const gone = Effect.forEach(left, (path) => Effect.ignore(does(() => unlink(path))), { discard: true })
          return Effect.ensuring(exit._tag === "Success" ? closed : Effect.andThen(closed, gone), ended(path))
        }
      )
      : Effect.fail(notAName())

  const remove = Effect.fnUntraced(function*(file: FileId) {
    if (!isFileId(file)) return
    const { path, room } = placeOf(folder, file)
    yield* unless("ENOENT", () => unlink(path))
    // Where others are left, it stays.
    yield* Effect.ignore(does(() => rmdir(room)))
  })

  const sweep = Effect.fnUntraced(function*(before: number) {
    for (const name of yield* names(parts)) {
      const path = join(parts, name)
      const found = yield* unless("ENOENT", () => stat(path))
      if (found !== undefined && found.mtimeMs < before && !written.has(path)) {
        yield* unless("ENOENT", () => unlink(path))
      }
    }
  })

  const check = Effect.scoped(Effect.gen(function*() {
    const { handle, path } = yield* Effect.acquireRelease(
      begin,
      ({ handle, path }) =>
        does(() => handle.close()).pipe(
          Effect.ensuring(Effect.ignore(does(() => unlink(path)))),
          Effect.ensuring(ended(path)),
          Effect.ignore
        )
    )
    yield* write(handle)([Buffer.alloc(4_096)])
    return path
  }))

  return { put, remove, sweep, check: Effect.asVoid(check) }
}
