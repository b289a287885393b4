/**
 * Whether a file may be seen by others. It is asked when all of the file is there and before anybody can name it; by
 * default all pass. Provide your own to look for viruses, types or whatever your app does not want.
 */
import { Context, Effect, type Stream } from "effect"
import type { FileId, UserId } from "../../domain/Ids.ts"
import type { FileStoreError } from "./FileStore.ts"

export interface OfferedFile {
  readonly file: FileId
  readonly owner: UserId
  readonly name: string
  /** As its owner calls it. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  readonly sha256: string
  readonly content: Stream.Stream<Uint8Array, FileStoreError>
}

export type FileVerdict =
  | { readonly _tag: "Pass" }
  /** It is removed; its owner reads the reason, one sentence. */
  | { readonly _tag: "Refuse"; readonly reason: string }
  /** It is kept, and no message can name it before somebody releases it (`Files.release`, the admin API). */
  | { readonly _tag: "Hold" }

export const pass: FileVerdict = { _tag: "Pass" }

export const FilePolicy = Context.Reference<{
  /** A failure is `unavailable` for the owner, and the file is removed: nothing passes that nobody has looked at. */
  readonly judge: (file: OfferedFile) => Effect.Effect<FileVerdict, unknown>
}>("switchboard/services/files/FilePolicy", { defaultValue: () => ({ judge: () => Effect.succeed(pass) }) })
