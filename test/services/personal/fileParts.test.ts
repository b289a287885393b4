/** P8: what somebody has uploaded is given out with what else is stored about them, piece by piece. */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Fiber, Layer, Random, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { FileId, UserId } from "../../../src/domain/Ids.ts"
import { FileStore, FileStoreError } from "../../../src/services/files/FileStore.ts"
import { MemoryFileStore } from "../../../src/services/files/MemoryFileStore.ts"
import { type ExportPart, PersonalData } from "../../../src/services/personal/PersonalData.ts"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { commit, text } from "../../../src/testing/contract/commands.ts"
import { settle } from "../../support/actors.ts"

const alice = UserId.make("alice")

const begin = Effect.fnUntraced(function*(name: string, size: number) {
  const records = yield* FileRecords
  const file = FileId.make(name)
  yield* records.begin({ file, owner: alice, name: `${name}.bin`, type: "application/x-test", size, at: 5 }, 0)
  return file
})

const upload = Effect.fnUntraced(function*(name: string, bytes: Uint8Array, chunk = 1_000) {
  const file = yield* begin(name, bytes.length)
  const chunks = Array.range(0, Math.max(0, Math.ceil(bytes.length / chunk) - 1)).map((i) =>
    bytes.subarray(i * chunk, (i + 1) * chunk)
  )
  const { sha256, size } = yield* (yield* FileStore).put(file, Stream.fromIterable(chunks))
  yield* (yield* FileRecords).finish(file, { sha256, size, state: "ready" })
  return { file, name: `${name}.bin`, type: "application/x-test", size, sha256, at: 5 }
})

const randomBytes = (size: number) =>
  Effect.map(
    Random.nextIntBetween(0, 256),
    (first) => Uint8Array.from({ length: size }, (_, i) => (first + i * 7) % 256)
  )

const parts = Effect.gen(function*() {
  const found = yield* (yield* PersonalData).parts(alice)
  return found === undefined ? [] : yield* Stream.runCollect(found)
})

const document = Effect.gen(function*() {
  const found = yield* (yield* PersonalData).export(alice)
  return JSON.parse(found === undefined ? "null" : yield* Stream.mkString(found)) as {
    readonly conversations: ReadonlyArray<{ readonly entries: ReadonlyArray<unknown> }>
    readonly files: ReadonlyArray<{ readonly file: string; readonly content?: string }>
  }
})

const contentOf = (all: ReadonlyArray<ExportPart>, file: FileId) =>
  Buffer.concat(
    all.flatMap((part) =>
      part.type === "file_content" && part.file === file ? [Buffer.from(part.base64, "base64")] : []
    )
  )

const store = MemoryMessageStore.layer()
const withFiles = PersonalData.layer.pipe(Layer.provideMerge(Layer.merge(store, MemoryFileStore.layer())))

describe("what is given out of files", () => {
  it.effect("each file with its content, as parts and in the document, whatever its size and the chunks it comes in", () =>
    Effect.gen(function*() {
      yield* commit(text(alice, Conversation.direct(alice, alice), "hello"))
      const sizes = [0, 1, 2, 3, 4, 49_151, 49_152, 49_153, 98_304, 150_001]
      const chunkSizes = [1, 2, 5, 1_000, 49_152, 65_536, 1_000_000]
      const uploaded = yield* Effect.forEach(sizes, (size, i) =>
        Effect.gen(function*() {
          const bytes = yield* randomBytes(size)
          const record = yield* upload(`f${i}`, bytes, chunkSizes[size < 10 ? i % 3 : i % 5 + 2])
          return { bytes, record }
        }))
      const all = yield* parts
      for (const { bytes, record } of uploaded) {
        const at = all.findIndex((part) => part.type === "file" && part.value.file === record.file)
        assert.deepStrictEqual<unknown>(all[at], { type: "file", value: record })
        assert.isTrue(contentOf(all, record.file).equals(bytes))
        let offset = 0
        for (const part of all.slice(at + 1, at + 1 + Math.max(1, Math.ceil(bytes.length / 49_152)))) {
          assert.ok(part.type === "file_content" && part.file === record.file)
          assert.strictEqual(part.offset, offset)
          offset += Buffer.from(part.base64, "base64").length
          assert.isAtMost(part.base64.length, 65_536)
        }
        assert.strictEqual(offset, bytes.length)
      }
      const { conversations, files } = yield* document
      assert.lengthOf(conversations[0]!.entries, 1)
      for (const [i, { bytes, record }] of uploaded.entries()) {
        assert.deepStrictEqual<unknown>(files[i], { ...record, content: Buffer.from(bytes).toString("base64") })
      }
      assert.lengthOf(files, uploaded.length)
    }).pipe(Effect.provide(withFiles)))

  it.effect("what is not all there, or is being removed, has no content or is not there", () =>
    Effect.gen(function*() {
      const { file } = yield* upload("a", new Uint8Array(3))
      yield* upload("b", new Uint8Array(3))
      yield* begin("c", 100)
      const lost = yield* begin("d", 1)
      yield* (yield* FileRecords).finish(lost, { size: 1, sha256: "00", state: "held" })
      yield* (yield* FileRecords).discard(file)
      const { conversations, files } = yield* document
      assert.deepStrictEqual(conversations, [])
      assert.deepStrictEqual(files.map((each) => [each.file, each.content]), [
        ["b", "AAAA"],
        ["c", undefined],
        ["d", undefined]
      ])
    }).pipe(Effect.provide(withFiles)))

  it.effect("whoever has only files is somebody of whom something is stored, also for an erasure", () =>
    Effect.gen(function*() {
      const data = yield* PersonalData
      assert.isUndefined(yield* data.parts(alice))
      yield* begin("a", 10)
      assert.isDefined(yield* data.parts(alice))
      const erasing = yield* Effect.forkChild(data.erase(alice))
      yield* settle
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Fiber.join(erasing), { found: true, texts: 0, banned: false })
      assert.isUndefined(yield* data.parts(alice))
    }).pipe(Effect.provide(withFiles)))

  it.effect("without a place for files, what is known of them", () =>
    Effect.gen(function*() {
      const file = yield* begin("a", 3)
      yield* (yield* FileRecords).finish(file, { size: 3, sha256: "00", state: "ready" })
      const known = { file, name: "a.bin", type: "application/x-test", size: 3, sha256: "00", at: 5 }
      assert.deepStrictEqual<unknown>((yield* document).files, [known])
      assert.deepStrictEqual<unknown>((yield* parts).slice(1), [{ type: "file", value: known }])
    }).pipe(Effect.provide(PersonalData.layer.pipe(Layer.provideMerge(store)))))

  it.effect("a file is read as it is taken, and one that cannot be read makes no whole document", () => {
    let read = 0
    const chunk = Effect.suspend(() =>
      ++read > 40
        ? Effect.fail(new FileStoreError({ kind: "corrupt", message: "This file is damaged." }))
        : Effect.succeed(new Uint8Array(49_152))
    )
    const broken = Layer.mock(FileStore, {
      kind: "broken",
      get: () => Effect.succeed({ size: 0, content: Stream.fromEffectRepeat(chunk) }),
      check: Effect.void
    })
    return Effect.gen(function*() {
      const file = yield* begin("a", 3)
      yield* (yield* FileRecords).finish(file, { size: 3, sha256: "00", state: "ready" })
      const found = yield* (yield* PersonalData).parts(alice)
      const first = yield* Stream.runCollect(Stream.take(found!, 4))
      assert.deepStrictEqual(first.map(({ type }) => type), ["user", "file", "file_content", "file_content"])
      assert.isAtMost(read, 4)
      read = 0
      const error = yield* Effect.flip(
        Effect.flatMap(
          PersonalData,
          (data) => Stream.runDrain(Stream.unwrap(Effect.map(data.export(alice), (all) => all!)))
        )
      )
      assert.deepStrictEqual([error._tag, error.kind, error.message], [
        "StoreError",
        "corrupt",
        "This file is damaged."
      ])
    }).pipe(Effect.provide(PersonalData.layer.pipe(Layer.provideMerge(Layer.merge(store, broken)))))
  })
})
