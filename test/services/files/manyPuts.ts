/** A process that puts 50 files of 25 MB at once, of a size that was said or not, and says how much memory that took. */
import { Console, Effect, Layer, Redacted, Schedule, Stream } from "effect"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore } from "../../../src/services/files/FileStore.ts"
import { FolderFileStore } from "../../../src/services/files/FolderFileStore.ts"
import { S3FileStore } from "../../../src/services/files/S3FileStore.ts"
import { lend } from "../../../src/services/kernel/lent.ts"

const [place, isSaid] = [process.argv[2]!, process.argv[3] === "said"]
const files = Number(process.argv[4] ?? 50)
const pieceBytes = 65_536
const pieces = 382
const size = pieces * pieceBytes

const store = place.startsWith("http:")
  ? S3FileStore.layer({
    bucket: "chat",
    endpoint: place,
    region: "us-east-1",
    credentials: { accessKeyId: "key", secretAccessKey: Redacted.make("secret") }
  })
  : FolderFileStore.layer({ folder: place })

/** As they come from sockets: each piece is memory of its own, which may be given back, and others have turns between. */
const piece = Effect.sync(() => {
  const bytes = Buffer.alloc(pieceBytes, 7)
  lend(bytes)
  return bytes
})
const content = Stream.fromEffectRepeat(Effect.andThen(Effect.yieldNow, piece)).pipe(Stream.take(pieces))

const put = (name: string) =>
  Effect.flatMap(FileStore, (store) => store.put(name as FileId, content, isSaid ? { size } : undefined))

const measured = Effect.gen(function*() {
  yield* put("warm")
  const base = process.memoryUsage.rss()
  let most = base
  const look = Effect.sync(() => {
    most = Math.max(most, process.memoryUsage.rss())
  })
  yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced("5 millis")))
  const all = Array.from({ length: files }, (_, i) => put(`f${i}`))
  const stored = yield* Effect.all(all, { concurrency: "unbounded" })
  yield* look
  yield* Console.log(JSON.stringify({ files: stored.filter((each) => each.size === size).length, grown: most - base }))
})

void Effect.runPromise(Effect.scoped(Effect.provide(measured, Layer.fresh(store))))
