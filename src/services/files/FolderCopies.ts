/** Copies of a folder of files, beside whoever uses it: what is there under its name is whole, and never changes. */
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync
} from "node:fs"
import { dirname, join } from "node:path"
import type { FileId } from "../../domain/Ids.ts"
import type { FileStoreError } from "./FileStore.ts"
import { codeOf, folderAccess, folderError, isRoom, partsName, placeOf, roomLengths } from "./FolderPlaces.ts"
import { isFileId } from "./Intake.ts"

/** Where two names cannot stand for one file: another disk, or one that knows no links. */
const unlinkable = new Set(["EXDEV", "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])

const syncPath = (path: string): void => {
  const fd = openSync(path, "r")
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** So that it has its name only once it is whole and on the disk. */
const copyOver = (from: string, to: string, folder: string): void => {
  const part = join(folder, partsName, randomUUID())
  mkdirSync(dirname(part), { recursive: true, mode: 0o700 })
  try {
    copyFileSync(from, part)
    syncPath(part)
    renameSync(part, to)
  } finally {
    rmSync(part, { force: true })
  }
}

/** A second name for it where that can be, else a copy. `there` already, `missing` where it comes from, or `copied`. */
const copyTo = (from: string, to: string, folder: string): "there" | "missing" | "copied" => {
  try {
    linkSync(from, to)
    return "copied"
  } catch (cause) {
    const code = codeOf(cause)
    if (code === "EEXIST") return "there"
    if (code === "ENOENT") return "missing"
    if (code === undefined || !unlinkable.has(code)) throw cause
    if (existsSync(to)) return "there"
    copyOver(from, to, folder)
    return "copied"
  }
}

/** Brings one file of this name; false where there is none to be brought. */
export const copyFile = (from: string, to: string, file: FileId): boolean => {
  const { path, room } = placeOf(to, file)
  if (existsSync(path)) return true
  const source = placeOf(from, file).path
  if (!existsSync(source)) return false
  mkdirSync(room, { recursive: true, mode: 0o700 })
  const is = copyTo(source, path, to) !== "missing"
  for (const each of [room, dirname(room), to]) syncPath(each)
  return is
}

/** What is there stays. Answers how many were brought; what is removed meanwhile is not. */
export const copyFiles = Effect.fn("FolderFileStore.copy")(
  function*(from: string, to: string): Effect.fn.Return<number, FileStoreError> {
    const { names } = folderAccess(from)
    const does = <A>(f: () => A) => Effect.try({ try: f, catch: folderError(to) })
    let copied = 0
    for (const top of yield* names(from)) {
      if (!isRoom(top, roomLengths.top)) continue
      for (const low of yield* names(join(from, top))) {
        if (!isRoom(low, roomLengths.low)) continue
        const files = (yield* names(join(from, top, low))).filter(isFileId)
        const room = join(to, top, low)
        if (files.length > 0) yield* does(() => mkdirSync(room, { recursive: true, mode: 0o700 }))
        yield* Effect.forEach(files, (file) =>
          does(() => {
            if (copyTo(join(from, top, low, file), join(room, file), to) === "copied") copied++
          }), { discard: true })
        if (files.length > 0) yield* does(() => [room, join(to, top), to].forEach(syncPath))
      }
    }
    return copied
  }
)
