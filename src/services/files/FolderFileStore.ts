/** Files in a folder, of this machine or one that several share. A file has its name once all of it is on the disk. */
import { Effect, Layer } from "effect"
import { access, constants, stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { FileStore, FileStoreError } from "./FileStore.ts"
import { folderAccess, folderError } from "./FolderPlaces.ts"
import { folderReading } from "./FolderReading.ts"
import { folderWriting } from "./FolderWriting.ts"

export interface FolderFileStoreOptions {
  /** It is made where it is not there, with the first file; what it is in has to be there. */
  readonly folder: string
}

const make = (folder: string) => {
  const access = folderAccess(folder)
  return FileStore.of({ kind: "folder", ...folderReading(access), ...folderWriting(access) })
}

const noFolder = (folder: string) =>
  new FileStoreError({
    kind: "unavailable",
    message: `There is no directory ${dirname(folder)}; make it or choose another folder with --files.`
  })

/** A folder that is there can be written, and one that is not can be made. */
const checked = Effect.fnUntraced(function*(folder: string) {
  const { does, unless } = folderAccess(folder)
  const found = yield* unless("ENOENT", () => stat(folder))
  const place = found === undefined ? dirname(folder) : folder
  if (found === undefined && (yield* unless("ENOENT", () => stat(place))) === undefined) return yield* noFolder(folder)
  if (found?.isDirectory() === false) return yield* folderError(folder)({ code: "ENOTDIR" })
  yield* does(() => access(place, constants.R_OK | constants.W_OK | constants.X_OK))
  const store = make(folder)
  // A trial tells what rights do not. A disk that is full has files that can be read.
  if (found !== undefined) yield* Effect.catchIf(store.check, ({ kind }) => kind === "full", () => Effect.void)
  return store
})

/** Fails at the start where the folder cannot be used. */
const layer = ({ folder }: FolderFileStoreOptions): Layer.Layer<FileStore, FileStoreError> =>
  Layer.effect(FileStore, checked(resolve(folder)))

export const FolderFileStore = { layer }
