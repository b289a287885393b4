/** Files in memory have so much room and no more. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore } from "../../../src/services/files/FileStore.ts"
import { MemoryFileStore } from "../../../src/services/files/MemoryFileStore.ts"
import { bytesOf, inPieces, listed, read } from "../../../src/testing/files/FileStoreCase.ts"

const id = (name: string) => name as FileId

describe("MemoryFileStore", () => {
  it.effect("is full past its bound, whoever takes the room, and what goes makes room", () =>
    Effect.gen(function*() {
      const store = yield* FileStore
      yield* store.put(id("a"), inPieces(bytesOf(600_000), 65_536))
      for (const content of [inPieces(bytesOf(400_001), 65_536), Stream.forever(Stream.make(bytesOf(65_536)))]) {
        const error = yield* Effect.flip(store.put(id("b"), content))
        assert.strictEqual(error.kind, "full")
        assert.match(error.message, /memory for files is full \(1000000 bytes\)/)
      }
      assert.deepStrictEqual(yield* listed(""), ["a"])
      // What did not come about has given its room back.
      yield* store.put(id("b"), inPieces(bytesOf(400_000), 65_536))
      yield* Effect.flip(store.put(id("c"), inPieces(bytesOf(1), 1)))
      yield* store.remove(id("a"))
      yield* store.put(id("c"), inPieces(bytesOf(600_000), 65_536))
      assert.deepStrictEqual((yield* read(id("c")))?.bytes, bytesOf(600_000))
    }).pipe(Effect.provide(MemoryFileStore.layer({ maxBytes: 1_000_000 }))))

  it.effect("keeps what came, whatever its sender does with the bytes afterwards", () =>
    Effect.gen(function*() {
      const store = yield* FileStore
      const bytes = bytesOf(1_000)
      yield* store.put(id("a"), Stream.make(bytes))
      bytes.fill(0)
      assert.deepStrictEqual((yield* read(id("a")))?.bytes, bytesOf(1_000))
    }).pipe(Effect.provide(MemoryFileStore.layer())))
})
