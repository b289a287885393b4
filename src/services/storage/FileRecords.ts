/**
 * Whose a file is, what it is and which messages need it. It lies where the log lies, because a message and the files that
 * it names are one commit. Comes with the stores of this package; for a store of your own provide it beside your
 * `MessageStore`, and `fileRecordsContract` is the suite that both have to pass. Without it there are no files.
 *
 * A file is `uploading` from before its first byte until after its last, so that nothing is ever in a `FileStore` that no
 * record names; `removing` from before it is removed until after, so that no message can name what is about to go.
 */
import { Context, type Effect } from "effect"
import type { ConversationId, FileId, UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"

export type FileState =
  | "uploading"
  /** All there, and not for others yet: a `FilePolicy` has not let it pass. */
  | "held"
  | "ready"
  | "removing"

export interface FileRecord {
  readonly file: FileId
  readonly owner: UserId
  readonly name: string
  readonly type: string
  /** In bytes; of one that is `uploading`, what it may have. */
  readonly size: number
  /** In hex; missing while it is `uploading`. */
  readonly sha256?: string
  readonly state: FileState
  /** When its upload began: milliseconds since the epoch. */
  readonly at: number
  /** Whether a message has ever named it, or a profile or a group has shown it. */
  readonly used: boolean
}

/** Files that one user may have, however small: rows are not counted in bytes. */
export const maxFilesPerUser = 100_000

export interface NewFile {
  readonly file: FileId
  readonly owner: UserId
  readonly name: string
  readonly type: string
  /** Room that is taken for it. */
  readonly size: number
  readonly at: number
}

export class FileRecords extends Context.Service<FileRecords, {
  /**
   * Takes room for a file, in one step with all others of its owner; false where they would have more than `maxBytes` (0:
   * any), or more files than `maxFilesPerUser`.
   */
  begin(file: NewFile, maxBytes: number): Effect.Effect<boolean, StoreError>
  /** It is all there. False where it is not `uploading` any more. */
  finish(
    file: FileId,
    what: { readonly size: number; readonly sha256: string; readonly state: "ready" | "held" }
  ): Effect.Effect<boolean, StoreError>
  /** A held file may be seen. False where there is none of that name that is held. */
  release(file: FileId): Effect.Effect<boolean, StoreError>
  get(file: FileId): Effect.Effect<FileRecord | undefined, StoreError>
  /** In rising order of file, after `after`. */
  list(options: {
    readonly owner?: UserId
    readonly state?: FileState
    readonly after?: FileId
    readonly limit: number
  }): Effect.Effect<ReadonlyArray<FileRecord>, StoreError>
  /** Room that a user has taken, and files that they have, without those that are being removed. */
  usage(owner: UserId): Effect.Effect<{ readonly files: number; readonly bytes: number }, StoreError>
  /** From now on it is `removing`, whatever it was and whoever names it. False where there is none of that name. */
  discard(file: FileId): Effect.Effect<boolean, StoreError>
  /**
   * Marks as `removing` what nobody needs: uploads that began before `uploadsBefore` and have not ended, files that no
   * message has ever named, which nobody shows, and whose upload began before `unusedBefore`, and those whose last message is
   * deleted, erased or trimmed, and which nobody shows any more. Answers with at most `limit` that are `removing`, these and earlier ones.
   */
  unneeded(options: {
    readonly uploadsBefore: number
    readonly unusedBefore: number
    readonly limit: number
  }): Effect.Effect<ReadonlyArray<FileId>, StoreError>
  /** They are removed. What is not `removing` stays. */
  forget(files: ReadonlyArray<FileId>): Effect.Effect<void, StoreError>
  /** Which of these it knows, in whatever state. In no order. */
  known(files: ReadonlyArray<FileId>): Effect.Effect<ReadonlyArray<FileId>, StoreError>
  /** The messages that name it, and at `pictureSeq` (0) the profiles and groups that show it (`pictures.ts`), at most `limit`. */
  uses(
    file: FileId,
    limit: number
  ): Effect.Effect<ReadonlyArray<{ readonly conversation: ConversationId; readonly seq: number }>, StoreError>
}>()("switchboard/services/storage/FileRecords") {}
