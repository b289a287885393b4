/** The files of a user as they are given out: what is known of each, and its content in pieces, never whole in memory. */
import { Effect, Option, Stream } from "effect"
import { defined } from "../../domain/defined.ts"
import type { FileId, UserId } from "../../domain/Ids.ts"
import { FileStore, type FileStoreError } from "../files/FileStore.ts"
import { type FileRecord, FileRecords } from "../storage/FileRecords.ts"
import { StoreError } from "../storage/MessageStore.ts"

export interface ExportedFile {
  readonly file: FileId
  readonly name: string
  readonly type: string
  /** In bytes. */
  readonly size: number
  readonly sha256?: string
  /** When its upload began: milliseconds since the epoch. */
  readonly at: number
}

export type FilePart =
  | { readonly type: "file"; readonly value: ExportedFile }
  /** Of the file before it, from this byte on. All pieces one after the other are its content in base64, too. */
  | { readonly type: "file_content"; readonly file: FileId; readonly offset: number; readonly base64: string }

/** Records read at once. */
const pageSize = 100

/** Bytes of a piece: base64 of three at a time needs nothing between two pieces. */
const pieceBytes = 49_152

const shown = ({ at, file, name, sha256, size, type }: FileRecord): ExportedFile => ({
  file,
  name,
  type,
  size,
  ...defined({ sha256 }),
  at
})

interface Cut {
  readonly offset: number
  /** What did not fill a piece. */
  readonly rest: Uint8Array
}

const piecesOf = (file: FileId, content: Stream.Stream<Uint8Array, FileStoreError>) => {
  const piece = (offset: number, bytes: Uint8Array): FilePart => ({
    type: "file_content",
    file,
    offset,
    base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")
  })
  return Stream.mapAccum(
    content,
    (): Cut => ({ offset: 0, rest: new Uint8Array() }),
    ({ offset, rest }, chunk): readonly [Cut, ReadonlyArray<FilePart>] => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const pieces: Array<FilePart> = []
      let at = 0
      for (; bytes.length - at >= pieceBytes; at += pieceBytes) {
        pieces.push(piece(offset + at, bytes.subarray(at, at + pieceBytes)))
      }
      return [{ offset: offset + at, rest: bytes.slice(at) }, pieces]
    },
    // An empty file has one, too.
    { onHalt: ({ offset, rest }) => rest.length === 0 && offset > 0 ? [] : [piece(offset, rest)] }
  )
}

const failed = (error: FileStoreError) =>
  new StoreError({ kind: error.kind === "full" ? "unavailable" : error.kind, message: error.message, cause: error })

export interface FileParts {
  /** Whether they have any, that is not being removed. */
  readonly has: (user: UserId) => Effect.Effect<boolean, StoreError>
  readonly of: (user: UserId) => Stream.Stream<FilePart, StoreError>
}

const none: FileParts = { has: () => Effect.succeed(false), of: () => Stream.empty }

/** Without a `FileStore` there is what is known of each file, and no content. */
export const fileParts: Effect.Effect<FileParts> = Effect.gen(function*() {
  const found = yield* Effect.serviceOption(FileRecords)
  const kept = yield* Effect.serviceOption(FileStore)
  if (Option.isNone(found)) return none
  const records = found.value

  const contentOf = ({ file, state }: FileRecord): Stream.Stream<FilePart, StoreError> =>
    Option.isNone(kept) || state === "uploading" ? Stream.empty : Stream.unwrap(
      Effect.map(kept.value.get(file), (part) => part === undefined ? Stream.empty : piecesOf(file, part.content))
    ).pipe(Stream.mapError(failed))

  const all = (owner: UserId) =>
    Stream.paginate("" as FileId, (after) =>
      Effect.map(records.list({ owner, after, limit: pageSize }), (page) => {
        const last = page.length < pageSize ? undefined : page.at(-1)
        return [
          page.filter(({ state }) => state !== "removing"),
          Option.map(Option.fromUndefinedOr(last), ({ file }) => file)
        ]
      }))

  return {
    has: (user) => Effect.map(records.usage(user), ({ files }) => files > 0),
    of: (user) =>
      Stream.flatMap(
        all(user),
        (record) => Stream.concat(Stream.make<[FilePart]>({ type: "file", value: shown(record) }), contentOf(record))
      )
  }
})
