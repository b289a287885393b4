/** A case of the contract of files, and the names that it has for itself: all cases can run on one store. */
import { Effect, Random } from "effect"
import { FileId, type UserId } from "../../domain/Ids.ts"
import { FileRecords, type NewFile } from "../../services/storage/FileRecords.ts"
import type { MessageStore, StoreError } from "../../services/storage/MessageStore.ts"
import { freshNames, type Names } from "../contract/ContractCase.ts"

export interface FileRecordsCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, FileRecords | MessageStore>
}

export interface UploadOptions {
  readonly size?: number
  readonly at?: number
  readonly state?: "uploading" | "held" | "ready"
}

export interface FileNames extends Names {
  readonly files: FileRecords["Service"]
  /** Of all that are made in a case, in the order of what stands in `name`; nobody else's name lies between them. */
  readonly file: (name: string) => FileId
  readonly newFile: (owner: UserId, name: string, options?: UploadOptions) => NewFile
  /** All of it is there, unless it is said otherwise. */
  readonly upload: (owner: UserId, name: string, options?: UploadOptions) => Effect.Effect<FileId, StoreError>
  /** Those of this case that nobody needs, page by page; none of them is forgotten. */
  readonly unneeded: (
    bounds?: { readonly uploadsBefore?: number; readonly unusedBefore?: number }
  ) => Effect.Effect<ReadonlyArray<FileId>, StoreError>
}

/** More than all cases have together. */
const all = 10_000

export const fileNames: Effect.Effect<FileNames, never, FileRecords | MessageStore> = Effect.gen(function*() {
  const files = yield* FileRecords
  const names = yield* freshNames
  const mark = `f${(yield* Random.nextIntBetween(0, 36 ** 8)).toString(36).padStart(6, "0")}`
  const file = (name: string) => FileId.make(`${mark}-${name}`)
  const newFile = (owner: UserId, name: string, { at = 1_000, size = 10 }: UploadOptions = {}): NewFile => ({
    file: file(name),
    owner,
    name: `${name}.png`,
    type: "image/png",
    size,
    at
  })
  return {
    ...names,
    files,
    file,
    newFile,
    upload: Effect.fnUntraced(function*(owner, name, options = {}) {
      const { size = 10, state = "ready" } = options
      yield* files.begin(newFile(owner, name, options), 0)
      if (state !== "uploading") yield* files.finish(file(name), { size, sha256: sha256Of(name), state })
      return file(name)
    }),
    unneeded: ({ unusedBefore = 0, uploadsBefore = 0 } = {}) =>
      Effect.map(
        files.unneeded({ uploadsBefore, unusedBefore, limit: all }),
        (found) => found.filter((each) => each.startsWith(`${mark}-`)).toSorted()
      )
  }
})

export const sha256Of = (name: string): string => Buffer.from(name).toString("hex").padStart(64, "0")

export const fileCase = (
  name: string,
  body: (names: FileNames) => Effect.fn.Return<void, StoreError, FileRecords | MessageStore>
): FileRecordsCase => ({
  name,
  effect: Effect.gen(function*() {
    yield* body(yield* fileNames)
  })
})
