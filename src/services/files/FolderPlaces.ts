/** Where in a folder a file is, and what the system says when something is wrong with it. */
import { Effect, type Scope } from "effect"
import { type FileHandle, open, readdir } from "node:fs/promises"
import { join } from "node:path"
import type { FileId } from "../../domain/Ids.ts"
import { FileStoreError } from "./FileStore.ts"
import { isFileId } from "./Intake.ts"

/** Of what is being written. It begins with a dot, so it is no folder of files. */
export const partsName = ".part"

export const isRoom = (name: string, length: number): boolean => name.length === length && isFileId(name)

/**
 * By the beginning of their names, which is the time at which they were made: a folder of folders, each with the files of
 * some minutes or hours, in the order of their names. `-` sorts before all else that a name may have.
 */
const topLength = 4
const lowLength = 2

export const roomLengths = { top: topLength, low: lowLength } as const

export const roomsOf = (file: string): { readonly top: string; readonly low: string } => {
  const padded = file.padEnd(topLength + lowLength, "-")
  return { top: padded.slice(0, topLength), low: padded.slice(topLength, topLength + lowLength) }
}

export const placeOf = (folder: string, file: FileId): { readonly room: string; readonly path: string } => {
  const { low, top } = roomsOf(file)
  const room = join(folder, top, low)
  return { room, path: join(room, file) }
}

export const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : undefined

const unavailable = (message: string, cause: unknown) => new FileStoreError({ kind: "unavailable", message, cause })

/** For whoever runs the server: it names the folder. */
export const folderError = (folder: string) => (cause: unknown): FileStoreError => {
  if (cause instanceof FileStoreError) return cause
  const code = codeOf(cause)
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new FileStoreError({ kind: "full", message: `The disk of ${folder} is full; make room.`, cause })
    case "EROFS":
    case "EACCES":
    case "EPERM":
      return unavailable(
        `${folder} cannot be written (${code}); give this user the right to, or choose another.`,
        cause
      )
    case "ENOENT":
      return unavailable(`${folder} cannot be reached (ENOENT); see that its disk is there.`, cause)
    case "EEXIST":
    case "ENOTDIR":
      return unavailable(`${folder} is not a folder, or something in it is not; choose another with --files.`, cause)
    default:
      return unavailable(`${folder} cannot be used (${code ?? "for an unknown reason"}); see to its disk.`, cause)
  }
}

/** What is done with a folder, and what it says when that fails. */
export const folderAccess = (folder: string) => {
  const does = <A>(f: () => Promise<A>): Effect.Effect<A, FileStoreError> =>
    Effect.tryPromise({ try: f, catch: folderError(folder) })

  /** What the system says with this code is no failure. */
  const unless = <A>(code: string, f: () => Promise<A>): Effect.Effect<A | undefined, FileStoreError> =>
    Effect.catchIf(does(f), ({ cause }) => codeOf(cause) === code, () => Effect.undefined)

  return {
    folder,
    does,
    unless,
    opened: (path: string, flags: string): Effect.Effect<FileHandle, FileStoreError, Scope.Scope> =>
      Effect.acquireRelease(does(() => open(path, flags, 0o600)), (handle) => Effect.promise(() => handle.close())),
    /** Of what is in it, in order; of a folder that is not there, nothing. */
    names: (path: string): Effect.Effect<ReadonlyArray<string>, FileStoreError> =>
      Effect.map(unless("ENOENT", () => readdir(path)), (found) => found?.toSorted() ?? [])
  }
}

export type FolderAccess = ReturnType<typeof folderAccess>
