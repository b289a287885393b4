/** Uploads and what becomes of them: takes them in, gives them out, removes what nobody needs. */
import { Context, Effect, Layer, Option } from "effect"
import type { FileId } from "../../domain/Ids.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { type FileRecord, FileRecords } from "../storage/FileRecords.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { makeFileIds } from "./FileIds.ts"
import { FileRefused, type Upload } from "./FileRefused.ts"
import { type FilePart, FileStore, type FileStoreError } from "./FileStore.ts"
import { makeSweep } from "./FileSweep.ts"
import { Underway } from "./Underway.ts"
import { makeUpload } from "./Uploads.ts"

export { FileRefused, type Upload } from "./FileRefused.ts"

const sweepEvery = "1 minute"

type ListOptions = Parameters<FileRecords["Service"]["list"]>[0]
type Uses = Effect.Success<ReturnType<FileRecords["Service"]["uses"]>>

export class Files extends Context.Service<Files, {
  /** Whether there is a place for files: a `FileStore`, and `FileRecords` in the store. */
  readonly enabled: boolean
  /** The record of the file once it is all there and has been judged; `held` where the policy holds it. */
  upload<E>(upload: Upload<E>): Effect.Effect<FileRecord, FileRefused | FileStoreError | StoreError | E>
  /** Of a file that is `ready`; `undefined` for all others. */
  read(
    file: FileId,
    range?: { readonly from: number; readonly to: number }
  ): Effect.Effect<{ readonly record: FileRecord; readonly part: FilePart } | undefined, FileStoreError | StoreError>
  /** Of a file that whoever has a link may have; not of one all of whose messages are gone. */
  shown(file: FileId): Effect.Effect<FileRecord | undefined, StoreError>
  /** Whatever state it is in. */
  record(file: FileId): Effect.Effect<FileRecord | undefined, StoreError>
  /** In rising order of file. */
  list(options: ListOptions): Effect.Effect<ReadonlyArray<FileRecord>, StoreError>
  /** The messages that name it, at most `limit`. */
  uses(file: FileId, limit: number): Effect.Effect<Uses, StoreError>
  release(file: FileId): Effect.Effect<boolean, StoreError>
  /** Whatever names it, it is gone from now on. False where there is none. */
  remove(file: FileId): Effect.Effect<boolean, FileStoreError | StoreError>
  /** Removes what nobody needs any more, as it does by itself once a minute; answers how many files went. */
  readonly sweep: Effect.Effect<number, FileStoreError | StoreError>
}>()("switchboard/services/files/Files") {
  static readonly layer = Layer.effect(
    Files,
    Effect.gen(function*() {
      const store = Option.getOrUndefined(yield* Effect.serviceOption(FileStore))
      const records = Option.getOrUndefined(yield* Effect.serviceOption(FileRecords))
      if (store === undefined || records === undefined) return none
      const ids = yield* makeFileIds
      const underway = new Underway()
      const upload = (yield* makeUpload(ids, underway))(store, records)
      const sweep = (yield* makeSweep(ids, underway))(store, records)

      yield* Effect.forkScoped(repeatForever(
        "Files",
        Effect.catch(
          sweep,
          ({ message }) => Effect.annotateLogs(Effect.logWarning("Files.notSwept"), { reason: message })
        ),
        sweepEvery
      ))

      const shown = Effect.fnUntraced(function*(file: FileId) {
        const record = yield* records.get(file)
        if (record?.state !== "ready") return undefined
        // Between the end of its last message and the sweep.
        return record.used && (yield* records.uses(file, 1)).length === 0 ? undefined : record
      })

      return Files.of({
        enabled: true,
        upload,
        shown,
        read: Effect.fn("Files.read")(function*(file: FileId, range?: { readonly from: number; readonly to: number }) {
          const record = yield* shown(file)
          if (record === undefined) return undefined
          const part = yield* store.get(file, range)
          return part === undefined ? undefined : { record, part }
        }),
        record: (file) => records.get(file),
        list: (options) => records.list(options),
        uses: (file, limit) => records.uses(file, limit),
        release: (file) => records.release(file),
        remove: Effect.fn("Files.remove")(function*(file: FileId) {
          if (!(yield* records.discard(file))) return false
          yield* store.remove(file)
          yield* records.forget([file])
          return true
        }),
        sweep
      })
    })
  )
}

const nowhere = Effect.fail(
  new FileRefused({
    status: 501,
    message: "This server takes no files; its operator can give it a place with --files."
  })
)

/** Where there is no place for files. */
const none = Files.of({
  enabled: false,
  upload: () => nowhere,
  shown: () => Effect.undefined,
  read: () => Effect.undefined,
  record: () => Effect.undefined,
  list: () => Effect.succeed([]),
  uses: () => Effect.succeed([]),
  release: () => Effect.succeed(false),
  remove: () => Effect.succeed(false),
  sweep: Effect.succeed(0)
})
