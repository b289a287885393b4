/** A case of the contract of `FileStore`, and the names that it has for itself: all cases can run on one store. */
import { Effect, Random, Stream } from "effect"
import { createHash } from "node:crypto"
import type { FileId } from "../../domain/Ids.ts"
import { FileStore, type FileStoreError } from "../../services/files/FileStore.ts"
import { lastOf } from "../contract/lastOf.ts"

export interface FileStoreCase {
  readonly name: string
  readonly effect: Effect.Effect<void, FileStoreError, FileStore>
}

export interface FileNames {
  readonly store: FileStore["Service"]
  /** Of a file that is not there yet. All names of one case lie together in the order of names. */
  readonly file: (name: string) => FileId
}

/** These bytes, and no two parts of them alike. */
export const bytesOf = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = seed
  for (let i = 0; i < size; i++) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    bytes[i] = state >> 16
  }
  return bytes
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** What would be different is many lines, and takes long to be told: only whether it is. */
export const isSame = (part: { readonly bytes: Uint8Array } | undefined, bytes: Uint8Array): boolean =>
  part !== undefined && sha256Of(part.bytes) === sha256Of(bytes)

/** As a sender sends them: in pieces of so many. */
export const inPieces = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  ).pipe(Stream.rechunk(1))

/** All that is there, or this part of it; `undefined` where there is none. */
export const read = Effect.fnUntraced(function*(
  file: FileId,
  range?: { readonly from: number; readonly to: number }
) {
  const store = yield* FileStore
  const part = yield* store.get(file, range)
  if (part === undefined) return undefined
  // They are looked at when all have come: a chunk that was given is its reader's.
  const chunks = yield* Stream.runCollect(part.content)
  return { size: part.size, bytes: new Uint8Array(Buffer.concat(chunks)) }
})

/** All names that are there, of this beginning, a few at a time. */
export const listed = Effect.fnUntraced(function*(beginning: string, limit = 3) {
  const store = yield* FileStore
  const found: Array<FileId> = []
  let after: FileId | undefined
  for (let isMore = true; isMore;) {
    const { files, hasMore }: Effect.Success<ReturnType<typeof store.list>> = yield* store.list({
      limit,
      ...(after === undefined ? undefined : { after })
    })
    found.push(...files.map(({ file }) => file))
    isMore = hasMore
    if (isMore) after = lastOf(files, found.length).file
  }
  return found.filter((file) => file.startsWith(beginning))
})

export const fileStoreCase = (
  name: string,
  body: (names: FileNames) => Effect.fn.Return<void, FileStoreError, FileStore>
): FileStoreCase => ({
  name,
  effect: Effect.gen(function*() {
    const store = yield* FileStore
    const beginning = (yield* Random.nextIntBetween(36 ** 7, 36 ** 8)).toString(36)
    yield* body({ store, file: (name) => `${beginning}-${name}` as FileId })
  })
})
