/**
 * How a file comes in: room is taken for it, its bytes are kept, it is judged, and from then on messages can name it.
 * Whatever goes wrong on the way, nothing of it is left; what a killed process leaves, the sweep ends.
 */
import { Clock, Effect, Stream } from "effect"
import { FileId, type UserId } from "../../domain/Ids.ts"
import { isOver } from "../../domain/Limit.ts"
import { inTime } from "../kernel/inTime.ts"
import { Settings } from "../Settings.ts"
import { type FileRecord, type FileRecords, maxFilesPerUser } from "../storage/FileRecords.ts"
import { StoreError } from "../storage/MessageStore.ts"
import type { FileIds } from "./FileIds.ts"
import { FilePolicy } from "./FilePolicy.ts"
import { FileRefused, type Upload } from "./FileRefused.ts"
import { type FileStore, FileStoreError, type StoredFile } from "./FileStore.ts"
import { plainName, plainType } from "./plain.ts"
import type { Underway } from "./Underway.ts"

/** Bytes a second that are the least of an upload: at this pace the largest file still comes. */
export const leastBytesPerSecond = 4_096

/** Beside the time that the bytes take, for the store and for whoever judges, in milliseconds. */
const marginMillis = 900_000

/** Of uploads that may be of any size, in milliseconds. */
const dayMillis = 86_400_000

/** An upload that has not ended by then is over, and whatever it left may be removed by anybody, in milliseconds. */
export const longestUpload = (maxFileBytes: number): number =>
  maxFileBytes === 0 ? dayMillis : marginMillis + maxFileBytes / leastBytesPerSecond * 1_000

/** How long somebody whose upload has failed waits for its traces to go, in milliseconds; then the sweep sees to it. */
const undoMillis = 5_000

const megabytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${bytes} bytes` : `${Number((bytes / 1_000_000).toFixed(1))} MB`

const refuse = (status: FileRefused["status"], message: string) => new FileRefused({ status, message })

const tooLarge = (most: number) => refuse(413, `A file may have ${megabytes(most)}; send a smaller one.`)

const noRoom = (most: number) =>
  refuse(
    507,
    most === 0
      ? `You have ${maxFilesPerUser} files, which is the most; delete messages with files first.`
      : `Your files may have ${
        megabytes(most)
      } together, and be at most ${maxFilesPerUser}; delete messages with files first.`
  )

const otherLength = () => refuse(400, "The body does not have the length that was said; send the file again.")

interface Room {
  /** What is taken before the first byte. */
  readonly bytes: number
  /** What may come, and what is said of more. */
  readonly limit: number
  readonly over: () => FileRefused
}

/** All that comes, and no more than there is room for. */
const counted = <E>({ content, size }: Upload<E>, { limit, over }: Room): Stream.Stream<Uint8Array, E | FileRefused> =>
  Stream.suspend(() => {
    let bytes = 0
    const within = Stream.mapArrayEffect(content, (chunks) => {
      for (const chunk of chunks) bytes += chunk.length
      if (size !== undefined && bytes > size) return Effect.fail(otherLength())
      return bytes > limit ? Effect.fail(over()) : Effect.succeed(chunks)
    })
    if (size === undefined) return within
    const complete = Stream.suspend(() => bytes === size ? Stream.empty : Stream.fail(otherLength()))
    return Stream.concat(within, complete)
  })

const roomOf = Effect.gen(function*() {
  const { maxFileBytes, maxFileBytesPerUser } = yield* Settings
  const full = () => noRoom(maxFileBytesPerUser)

  return Effect.fnUntraced(function*(records: FileRecords["Service"], owner: UserId, size: number | undefined) {
    if (size !== undefined && isOver(maxFileBytes, size)) return yield* tooLarge(maxFileBytes)
    if (size !== undefined) return { bytes: size, limit: size, over: otherLength } satisfies Room
    const most = maxFileBytes === 0 ? Number.POSITIVE_INFINITY : maxFileBytes
    const large: Room = { bytes: maxFileBytes, limit: most, over: () => tooLarge(maxFileBytes) }
    if (maxFileBytesPerUser === 0) return large
    // How much will come is not known, so all that may come is taken until it is.
    const left = maxFileBytesPerUser - (yield* records.usage(owner)).bytes
    if (left <= 0) return yield* full()
    return left >= most ? large : { bytes: left, limit: left, over: full } satisfies Room
  })
})

/** For as long as it is judged. */
const contentOf = (store: FileStore["Service"], file: FileId): Stream.Stream<Uint8Array, FileStoreError> =>
  Stream.unwrap(Effect.flatMap(store.get(file), (part) =>
    part === undefined
      ? new FileStoreError({ kind: "corrupt", message: "The file that was just put is not there." })
      : Effect.succeed(part.content)))

const makeJudge = Effect.map(
  FilePolicy,
  (policy) =>
    Effect.fnUntraced(function*(store: FileStore["Service"], record: FileRecord, { sha256, size }: StoredFile) {
      const { file, name, owner, type } = record
      const offered = { file, owner, name, type, size, sha256, content: contentOf(store, file) }
      // Whatever becomes of the judge, nothing passes that nobody has looked at.
      const verdict = yield* Effect.suspend(() => policy.judge(offered)).pipe(
        Effect.catchCause((cause) =>
          Effect.andThen(
            Effect.annotateLogs(Effect.logWarning("Files.notJudged", cause), { file }),
            refuse(503, "The file could not be checked; send it again later.")
          )
        )
      )
      if (verdict._tag === "Refuse") {
        return yield* refuse(422, verdict.reason)
      }
      return verdict._tag === "Hold" ? "held" as const : "ready" as const
    })
)

/** Removes what an upload that has failed has left. */
const undoing = (store: FileStore["Service"], records: FileRecords["Service"]) => (file: FileId) =>
  inTime(
    Effect.all([records.discard(file), store.remove(file), records.forget([file])], { discard: true }),
    {
      millis: undoMillis,
      late: () => Effect.fail(new StoreError({ kind: "unavailable", message: "The store does not answer." }))
    }
  ).pipe(
    Effect.catch(({ message }) => Effect.annotateLogs(Effect.logWarning("Files.leftBehind"), { file, reason: message }))
  )

export const makeUpload = Effect.fnUntraced(function*(ids: FileIds, underway: Underway) {
  const clock = yield* Clock.Clock
  const judge = yield* makeJudge
  const room = yield* roomOf
  const { maxFileBytes, maxFileBytesPerUser } = yield* Settings

  const take = Effect.fnUntraced(function*<E>(
    store: FileStore["Service"],
    records: FileRecords["Service"],
    offered: Upload<E>,
    record: FileRecord,
    taken: Room
  ) {
    const { file } = record
    const { size } = offered
    const stored = yield* store.put(file, counted(offered, taken), size === undefined ? {} : { size })
    const state = yield* judge(store, record, stored)
    if (!(yield* records.finish(file, { ...stored, state }))) {
      return yield* refuse(503, "The file was removed; send it again.")
    }
    return { ...record, ...stored, state }
  })

  return (store: FileStore["Service"], records: FileRecords["Service"]) => {
    const undo = undoing(store, records)
    return Effect.fn("Files.upload")(function*<E>(offered: Upload<E>) {
      const name = plainName(offered.name)
      if (name === undefined) {
        return yield* refuse(400, "Give the file a name of 1 to 255 characters, without a path or control characters.")
      }
      const type = plainType(offered.type)
      if (type === undefined) {
        return yield* refuse(400, "Give the file a type such as image/png, or none.")
      }
      const { owner } = offered
      const taken = yield* room(records, owner, offered.size)
      const at = clock.currentTimeMillisUnsafe()
      const file = yield* ids.make(at)
      // Until it is known that it is not: whether a store that does not answer has begun, nobody knows.
      let isBegun = true
      const record: FileRecord = { file, owner, name, type, size: taken.bytes, state: "uploading", at, used: false }
      const uploading = records.begin({ file, owner, name, type, size: taken.bytes, at }, maxFileBytesPerUser).pipe(
        Effect.flatMap((began) => {
          isBegun = began
          return began ? take(store, records, offered, record, taken) : Effect.fail(noRoom(maxFileBytesPerUser))
        }),
        Effect.timeoutOrElse({
          duration: longestUpload(maxFileBytes),
          orElse: () => refuse(503, "The upload took too long; send it again.")
        }),
        Effect.onError(() => isBegun ? undo(file) : Effect.void)
      )
      return yield* Effect.acquireUseRelease(
        Effect.sync(() => underway.begin(at)),
        () => uploading,
        (ended) => Effect.sync(ended)
      )
    })
  }
})
