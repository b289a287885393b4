/** A process that puts files until it is killed, and says which it has put. */
import { Console, Effect } from "effect"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore } from "../../../src/services/files/FileStore.ts"
import { FolderFileStore } from "../../../src/services/files/FolderFileStore.ts"
import { bytesOf, inPieces } from "../../../src/testing/files/FileStoreCase.ts"

const [folder, prefix] = process.argv.slice(2)

const puts = Effect.gen(function*() {
  const store = yield* FileStore
  const bytes = bytesOf(2_000_000)
  const one = Effect.fnUntraced(function*(worker: number) {
    for (let i = 0; true; i++) {
      const file = `${prefix}-${worker}-${i}` as FileId
      const { size } = yield* store.put(file, inPieces(bytes.subarray(0, (i * 77_777) % 2_000_000), 65_536))
      yield* Console.log(JSON.stringify({ file, size }))
    }
  })
  yield* Effect.forEach([1, 2, 3, 4], one, { concurrency: "unbounded" })
})

void Effect.runPromise(Effect.provide(puts, FolderFileStore.layer({ folder: folder! })))
