/** Where files are, as the flags say. */
import { Console, Effect, Layer, Result } from "effect"
import type { CliError } from "effect/cli"
import { FileStore } from "../services/files/FileStore.ts"
import { FolderFileStore } from "../services/files/FolderFileStore.ts"
import { MemoryFileStore } from "../services/files/MemoryFileStore.ts"
import { isS3, parseS3, type S3Address } from "../services/files/S3Address.ts"
import { s3ClientOptions, S3FileStore } from "../services/files/S3FileStore.ts"
import { told, userError } from "./errors.ts"
import * as flags from "./flags.ts"

export const filesFlag = flags.text(
  "files",
  "",
  "Where uploaded files are: a folder, s3://bucket/prefix?endpoint=…&region=…, or none; " +
    "without it a folder beside the SQLite file, memory with --store memory, and none with Postgres"
)

export interface FilesInput {
  readonly files: string
  readonly store: "sqlite" | "postgres" | "memory"
  readonly data: string
}

export type FilesPlace =
  | { readonly _tag: "None" }
  | { readonly _tag: "Memory" }
  | { readonly _tag: "Folder"; readonly folder: string }
  | { readonly _tag: "Bucket"; readonly address: S3Address }

const usualPlace = ({ data, store }: FilesInput): FilesPlace => {
  switch (store) {
    case "sqlite":
      return { _tag: "Folder", folder: `${data}.files` }
    case "memory":
      return { _tag: "Memory" }
    case "postgres":
      return { _tag: "None" }
  }
}

export const filesPlace = (input: FilesInput): Effect.Effect<FilesPlace, CliError.UserError> => {
  const { files, store } = input
  if (files.trim() === "") return Effect.succeed(usualPlace(input))
  if (files === "none") return Effect.succeed({ _tag: "None" })
  if (store === "memory") {
    // Whoever forgets whose files are would sweep away all that it finds.
    return Effect.fail(userError("--store memory keeps files in memory as well; leave --files out."))
  }
  if (isS3(files)) {
    return Result.match(parseS3(files), {
      onFailure: (sentence) => Effect.fail(userError(sentence)),
      onSuccess: (address) => Effect.succeed({ _tag: "Bucket", address })
    })
  }
  return files.includes("://") || files.includes("\0")
    ? Effect.fail(userError("Give --files a folder, or a bucket as s3://bucket/prefix."))
    : Effect.succeed({ _tag: "Folder", folder: files })
}

/** As far as it can be told without a disk or a network. */
export const checkFiles = Effect.fnUntraced(function*(input: FilesInput) {
  const place = yield* filesPlace(input)
  if (place._tag === "Bucket") yield* Effect.catch(s3ClientOptions(place.address), told)
})

const bucketOf = (address: S3Address) => orTell(S3FileStore.layer(address))

/** Nothing where there is no place. */
export const fileStoreOf = (place: FilesPlace): Layer.Layer<FileStore, CliError.UserError> | Layer.Layer<never> => {
  switch (place._tag) {
    case "None":
      return Layer.empty
    case "Memory":
      return MemoryFileStore.layer()
    case "Folder":
      return orTell(FolderFileStore.layer({ folder: place.folder }))
    case "Bucket":
      return bucketOf(place.address)
  }
}

const orTell = (layer: ReturnType<typeof FolderFileStore.layer>): Layer.Layer<FileStore, CliError.UserError> =>
  Layer.catchTag(layer, "FileStoreError", (error) => Layer.effectContext(told(error)))

/** A chat begins where its bucket does not answer, and says so. */
const toldOf = <E>(layer: Layer.Layer<FileStore, E>) =>
  Layer.effectDiscard(
    Effect.flatMap(FileStore, (store) => store.check).pipe(
      Effect.catch(({ message }) => Effect.annotateLogs(Effect.logWarning("Files.unavailable"), { reason: message })),
      Effect.forkScoped
    )
  ).pipe(Layer.provideMerge(layer))

/** For a server: a folder of one of several servers has files that the others do not find. */
export const filesOf = Effect.fnUntraced(function*(input: FilesInput) {
  const place = yield* filesPlace(input)
  if (place._tag === "Folder" && input.store === "postgres") {
    yield* Console.error(
      `Warning: all servers of the database must have the same folder ${place.folder}, on a disk that they share; ` +
        "a bucket is the other way (--files s3://…)."
    )
  }
  return place._tag === "Bucket" ? toldOf(bucketOf(place.address)) : fileStoreOf(place)
})
