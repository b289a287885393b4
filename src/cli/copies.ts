/** A data file and the folder of its files, copied together and put back together. */
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { existsSync, renameSync, rmSync } from "node:fs"
import { FileStoreError } from "../services/files/FileStore.ts"
import { copyFile, copyFiles } from "../services/files/FolderCopies.ts"
import { placeOf } from "../services/files/FolderPlaces.ts"
import { StoreError } from "../services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../services/storage/SqliteMessageStore.ts"
import { told, userError } from "./errors.ts"
import type { FilesPlace } from "./files.ts"

/** Of the copy: beside it, as the files of a data file are beside that. */
const besideOf = (copy: string): string => `${copy}.files`

const asStoreError = ({ cause, message }: FileStoreError) => new StoreError({ kind: "unavailable", message, cause })

const many = (count: number, what = "file"): string => `${count} ${what}${count === 1 ? "" : "s"}`

const notThere = (count: number): string =>
  count === 0 ? "" : ` ${many(count)} that it names ${count === 1 ? "is" : "are"} nowhere to be found.`

const bucketKept = (place: FilesPlace): string =>
  place._tag === "Bucket"
    ? ` Its files are in the bucket ${place.address.bucket}, which keeps them by its own means.`
    : ""

const orTell = <A, R>(effect: Effect.Effect<A, StoreError | FileStoreError, R>) =>
  Effect.catch(effect, (error: { readonly message: string }) => told(error))

/**
 * The files first, then the data, then what the data names and came meanwhile; a server beside it may add and remove. The
 * copy of the data has its name last, so whatever has that name has its files.
 */
export const backUp = Effect.fnUntraced(function*(data: string, to: string, place: FilesPlace) {
  if (place._tag !== "Folder") {
    yield* orTell(SqliteMessageStore.backup(data, to))
    return bucketKept(place)
  }
  const beside = besideOf(to)
  if (existsSync(beside)) return yield* userError(`The folder ${beside} is there already; name a new one with --to.`)
  const part = `${beside}.${randomUUID()}.part`
  let named = 0
  let missing = 0
  let isPlaced = false
  const complete = (copy: string) => {
    const files = SqliteMessageStore.filesIn(copy)
    missing = files.filter((file) => !copyFile(place.folder, part, file)).length
    named = files.length - missing
    if (!existsSync(part)) return
    renameSync(part, beside)
    isPlaced = true
  }
  yield* copyFiles(place.folder, part).pipe(
    Effect.andThen(SqliteMessageStore.backup(data, to, complete)),
    Effect.onError(() =>
      Effect.sync(() => {
        for (const path of isPlaced ? [part, beside] : [part]) rmSync(path, { recursive: true, force: true })
      })
    ),
    orTell
  )
  return (named === 0 ? "" : ` ${many(named)} ${named === 1 ? "is" : "are"} in ${beside}.`) + notThere(missing)
})

/** The files first: a data file that names them is never there without them. What is there already stays. */
export const bringBack = Effect.fnUntraced(function*(from: string, data: string, place: FilesPlace) {
  const beside = besideOf(from)
  const isFolder = place._tag === "Folder"
  let came = 0
  const files = isFolder && existsSync(beside)
    ? Effect.mapError(
      Effect.map(copyFiles(beside, place.folder), (count) => {
        came = count
      }),
      asStoreError
    )
    : Effect.void
  const old = yield* orTell(SqliteMessageStore.restore(from, data, files))
  if (!isFolder) {
    const left = existsSync(beside) ? ` The files in ${beside} were left there.` : ""
    return { old, files: bucketKept(place) + left }
  }
  const missing = yield* Effect.try({
    try: () => SqliteMessageStore.filesIn(data).filter((file) => !existsSync(placeOf(place.folder, file).path)).length,
    catch: () => userError(`Cannot look into ${data}; check the rights on it.`)
  })
  return { old, files: (came === 0 ? "" : ` ${many(came)} came back into ${place.folder}.`) + notThere(missing) }
})
