/** Looks at the place of files: a folder and the disk under it, or a bucket. A trial file is made there and removed. */
import { Effect, Layer } from "effect"
import { existsSync, statfsSync } from "node:fs"
import { stat } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { FileStore, FileStoreError } from "../../services/files/FileStore.ts"
import { FolderFileStore } from "../../services/files/FolderFileStore.ts"
import type { S3Address } from "../../services/files/S3Address.ts"
import { makeS3Client } from "../../services/files/S3Client.ts"
import { s3ClientOptions, S3FileStore } from "../../services/files/S3FileStore.ts"
import type { FilesPlace } from "../files.ts"
import { bytes, type Check, failed, ok, type Verdict, warning, whyOf } from "./Check.ts"
import { type ClockReading, clockVerdict, readClock } from "./clock.ts"

const check = "files"

/** Under which the next uploads are in danger; so many of the largest size are hardly an hour's. */
const littleRoom = 1_073_741_824

export const filesRoomVerdict = (folder: string, free: number): Verdict => {
  const has = `The disk of ${folder} has ${bytes(free)} left`
  if (free < littleRoom / 10) return failed(check, `${has}; make room: uploads are refused when it is full.`)
  return free < littleRoom
    ? warning(check, `${has}, which uploads soon fill; make room, or set --max-file-bytes-per-user.`)
    : ok(check, `${has}.`)
}

/** A bucket that says nothing is told of by its name, before all checks have to end. */
const silenceMillis = 3_000

/** A bucket tells its time in whole seconds: it may be anywhere in that second. */
export const clockOfBucket = ({ after, before, other }: ClockReading): ClockReading => ({
  before,
  after,
  other: Math.max(other, Math.min(before, other + 999))
})

const takesFiles = (layer: Layer.Layer<FileStore, FileStoreError>) =>
  Effect.flatMap(FileStore, (store) => store.check).pipe(Effect.provide(layer))

const folderVerdicts = Effect.fnUntraced(function*(given: string, isShared: boolean) {
  const folder = resolve(given)
  // A disk that is not there any more holds up whoever asks, and here nobody else.
  yield* Effect.ignore(Effect.tryPromise({ try: () => stat(dirname(folder)), catch: whyOf }))
  const layer = FolderFileStore.layer({ folder })
  const isThere = existsSync(folder)
  // One that is not there is left for the server to make.
  yield* isThere ? takesFiles(layer) : Effect.scoped(Layer.build(layer))
  const { bavail, bsize } = statfsSync(isThere ? folder : dirname(folder))
  const found = isThere ? `${folder} takes files.` : `${folder} is not there yet; the first file makes it.`
  const shared =
    "All servers of the database must have this folder, on a disk that they share; a bucket is the other way."
  return [
    ok(check, found),
    ...(isShared ? [warning(check, shared)] : []),
    filesRoomVerdict(folder, bavail * bsize)
  ]
})

const clockOf = Effect.fnUntraced(function*(address: S3Address) {
  const client = makeS3Client({ ...yield* s3ClientOptions(address), silenceMillis })
  const answer = client.ask({ method: "GET", query: { "list-type": "2", "max-keys": "1" } })
  const time = Effect.map(answer, ({ headers }) => Date.parse(headers.date ?? ""))
  return yield* Effect.ensuring(readClock(time), Effect.sync(client.close))
})

const bucketVerdicts = Effect.fnUntraced(function*(address: S3Address) {
  yield* takesFiles(S3FileStore.layer({ ...address, silenceMillis }))
  const time = yield* Effect.option(clockOf(address))
  return [
    ok(check, `The bucket ${address.bucket} takes files.`),
    ...(time._tag === "None" || Number.isNaN(time.value.other)
      ? []
      : [clockVerdict(`the bucket ${address.bucket}`, clockOfBucket(time.value))])
  ]
})

const orFailed = <R>(run: Effect.Effect<ReadonlyArray<Verdict>, FileStoreError, R>): Check<R> => ({
  name: check,
  run: Effect.catch(run, ({ message }) => Effect.succeed([failed(check, message)]))
})

export const filesChecks = (place: FilesPlace, isShared: boolean): ReadonlyArray<Check> => {
  switch (place._tag) {
    case "Folder":
      return [orFailed(folderVerdicts(place.folder, isShared))]
    case "Bucket":
      return [orFailed(bucketVerdicts(place.address))]
    case "Memory":
      return []
    case "None":
      return [orFailed(Effect.succeed([ok(check, "There is no place for files, so none are taken; see --files.")]))]
  }
}
