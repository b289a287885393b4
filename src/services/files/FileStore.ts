/**
 * Where the bytes of files are: a folder, a bucket, memory, or whatever you provide; `fileStoreContract` is the suite that
 * an implementation has to pass. It knows nothing of whose a file is or who may have it: that is in `FileRecords`.
 */
import { Context, type Effect, Schema, type Stream } from "effect"
import type { FileId } from "../../domain/Ids.ts"

/** `unavailable` may be tried again, `full` needs room, `corrupt` a person: something is not what was put there. */
export class FileStoreError extends Schema.TaggedError<FileStoreError>()("FileStoreError", {
  kind: Schema.Literals(["unavailable", "full", "corrupt"]),
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

export interface StoredFile {
  /** In bytes. */
  readonly size: number
  /** Of all of it, in hex. */
  readonly sha256: string
}

export interface FilePart {
  /** Of the whole file, in bytes. */
  readonly size: number
  readonly content: Stream.Stream<Uint8Array, FileStoreError>
}

export interface ListedFile {
  readonly file: FileId
  readonly size: number
  /** When it was put there, in milliseconds since the epoch, by the clock of wherever it is. */
  readonly at: number
}

export class FileStore extends Context.Service<FileStore, {
  /** `folder`, `s3`, `memory`, or what yours is called. */
  readonly kind: string
  /**
   * Keeps all that comes, never whole in memory; it is there once this succeeds, as durable as it will be, and nothing is
   * left where it fails or is interrupted. `size` is how much will come, where that is known: more or less fails with what
   * `content` fails with, or `corrupt`. Of one name there is one file for ever: it is not put again.
   */
  put<E, R>(
    file: FileId,
    content: Stream.Stream<Uint8Array, E, R>,
    options?: { readonly size?: number }
  ): Effect.Effect<StoredFile, FileStoreError | E, R>
  /** `undefined` where there is none. `from` and `to` are of bytes, both included; without them all of it. */
  get(
    file: FileId,
    range?: { readonly from: number; readonly to: number }
  ): Effect.Effect<FilePart | undefined, FileStoreError>
  /** What is not there is removed already. Whoever reads it at this moment may read on. */
  remove(file: FileId): Effect.Effect<void, FileStoreError>
  /** All that is there, in rising order of name, after `after`; what is being put is not there yet. */
  list(options: { readonly after?: FileId; readonly limit: number }): Effect.Effect<
    { readonly files: ReadonlyArray<ListedFile>; readonly hasMore: boolean },
    FileStoreError
  >
  /** Removes what was begun and left, by a process that was killed: not what was touched since `before`. */
  sweep(before: number): Effect.Effect<void, FileStoreError>
  /** Whether it can be written at this moment. */
  readonly check: Effect.Effect<void, FileStoreError>
}>()("switchboard/services/files/FileStore") {}
